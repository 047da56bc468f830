package staff

import (
	"context"
	"encoding/json"

	"jiamenkou/model"
)

// StillOnDuty gives the person of a session that was entered a while ago, within the scope of what allows something now.
// It does not count as use of the session.
func (s *Service) StillOnDuty(ctx context.Context, entered Session, p model.Permission) (model.OnDuty, error) {
	id := entered.Duty.StaffID
	values, err := s.Sessions.List(ctx, id)
	if err != nil {
		return model.OnDuty{}, ErrSessionsDown.WithCause(err)
	}
	var device stored
	if value, found := values[entered.ID]; !found || json.Unmarshal(value, &device) != nil {
		return model.OnDuty{}, ErrSessionEnded
	}
	now, err := s.onDuty(ctx, id, entered.ID, device.Epoch)
	switch {
	case err != nil:
		return model.OnDuty{}, err
	case now.PasswordDue:
		return model.OnDuty{}, ErrPasswordDue
	}
	return now.Duty.For(p)
}
