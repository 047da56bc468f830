package notice

import (
	"context"
	"slices"
	"strings"

	"jiamenkou/model"
)

// InForce gives the templates that messages go out under at this moment. It is read from the database every time: a
// change is in force with its answer, on every server, and there is nothing to forget.
func (s *Service) InForce(ctx context.Context, store *model.Store) (Templates, error) {
	said, err := store.MapMessageTemplates(ctx)
	templates := Templates{}
	for _, kind := range model.MessageKinds {
		if t := said[kind].InForce(s.Templates[kind]); t.TemplateID != "" {
			templates[kind] = t
		}
	}
	return templates, err
}

// templateOf gives the template that messages of a kind go out under at this moment; without an id there is none.
func (s *Service) templateOf(ctx context.Context, tx *model.Store, kind model.NoticeKind) (model.Template, error) {
	newest, err := tx.FindMessageTemplate(ctx, kind)
	return newest.InForce(s.Templates[kind]), err
}

// Kept is a kind of message as staff see it: the template in force, and what has been said of it.
type Kept struct {
	Kind      model.NoticeKind
	Newest    model.MessageTemplate // the zero version when the console has said nothing
	InForce   model.Template
	Settings  model.Template // what the settings have for the kind
	StaffName string         // who said the newest
}

// KeptTemplates gives every kind of message, in the order in which the house has them.
func (s *Service) KeptTemplates(ctx context.Context) ([]Kept, error) {
	said, err := s.Store.MapMessageTemplates(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	var list []Kept
	for _, kind := range model.MessageKinds {
		list = append(list, s.kept(kind, said[kind], names))
	}
	return list, err
}

func (s *Service) kept(kind model.NoticeKind, newest model.MessageTemplate, names map[string]string) Kept {
	settings := s.Templates[kind]
	return Kept{kind, newest, newest.InForce(settings), settings, names[newest.StaffID]}
}

// Version is one version of what the console has said of a kind.
type Version struct {
	model.MessageTemplate
	StaffName string
}

// KeptDetail is a kind of message with all its versions, newest first, and how many residents agree to messages of a
// template, by its id.
type KeptDetail struct {
	Kept
	Versions []Version
	Agreed   map[string]int
}

// KeptTemplate gives one kind of message.
func (s *Service) KeptTemplate(ctx context.Context, kind model.NoticeKind) (d KeptDetail, err error) {
	if !slices.Contains(model.MessageKinds, kind) {
		return d, model.ErrMessageKindNotFound
	}
	versions, err := s.Store.ListMessageTemplates(ctx, kind)
	if err != nil {
		return d, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return d, err
	}
	var newest model.MessageTemplate
	for i, v := range versions {
		if i == 0 {
			newest = v
		}
		d.Versions = append(d.Versions, Version{v, names[v.StaffID]})
	}
	d.Kept = s.kept(kind, newest, names)
	d.Agreed, err = s.Store.CountAgreed(ctx)
	return d, err
}

// names gives the names of members of staff by their ids.
func (s *Service) names(ctx context.Context) (map[string]string, error) {
	staff, err := s.Store.ListStaff(ctx)
	names := make(map[string]string, len(staff))
	for _, who := range staff {
		names[who.ID] = who.Name
	}
	return names, err
}

// Line is a field of a template as a phone shows it.
type Line struct {
	model.TemplateField
	Text string
}

// Preview shows what a template makes of an invented notice of the kind, cut as WeChat takes it.
func (s *Service) Preview(kind model.NoticeKind, t model.Template) []Line {
	lines := make([]Line, len(t.Fields))
	sample := model.SampleNotice(kind, s.Zone)
	for i, f := range t.Fields {
		lines[i] = Line{f, s.Fit(f.Name(), sample.Says(f.Fact))}
	}
	return lines
}

// Choice is a type of field, and what a kind of message can show in one, each with how it looks.
type Choice struct {
	model.FieldType
	Lines []Line
}

// Choices gives every type of field of WeChat's templates that a kind of message has something for.
func (s *Service) Choices(kind model.NoticeKind) (list []Choice) {
	for _, t := range model.FieldTypes {
		var fields model.TemplateFields
		for _, fact := range kind.Facts() {
			if slices.Contains(t.Shows, fact) {
				fields = append(fields, model.TemplateField{Type: t.Name, Number: 1, Fact: fact})
			}
		}
		if len(fields) > 0 {
			list = append(list, Choice{t, s.Preview(kind, model.Template{Fields: fields})})
		}
	}
	return list
}

// TemplateWish is what somebody wants a kind of message to have: a template, the settings' one, or none.
type TemplateWish struct {
	Kind     model.NoticeKind
	Seen     int // version the wish was made on; 0: nothing had been said
	Source   model.TemplateSource
	Template model.Template // of the console
	Reason   string
}

// SetTemplate makes a wish the next version of the kind. Messages that are owed already go out under it too.
func (s *Service) SetTemplate(ctx context.Context, by model.OnDuty, wish TemplateWish) error {
	if !by.CoversDistrict() {
		return model.ErrNotPermitted
	}
	if !slices.Contains(model.MessageKinds, wish.Kind) {
		return model.ErrMessageKindNotFound
	}
	next := model.MessageTemplate{
		Kind: wish.Kind, Version: wish.Seen + 1, Source: wish.Source, Template: wish.Template,
		StaffID: by.StaffID, Reason: strings.TrimSpace(wish.Reason),
	}
	if next.Source == model.TemplateOfConsole {
		if err := next.Check(wish.Kind); err != nil {
			return err
		}
	}
	if err := model.CheckReason(wish.Reason); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error { return s.add(ctx, tx, next) })
}

// add writes the next version after the one it was made on, and its event.
func (s *Service) add(ctx context.Context, tx *model.Store, next model.MessageTemplate) error {
	newest, err := tx.FindMessageTemplate(ctx, next.Kind)
	if err != nil {
		return err
	}
	if newest.Version != next.Version-1 {
		return model.ErrChangedMeanwhile
	}
	if err := next.Succeeds(newest); err != nil {
		return err
	}
	next.ID, next.CreatedAt = tx.NewID(), s.Now()
	if err := tx.AddMessageTemplate(ctx, next); err != nil {
		return err
	}
	return tx.AddEvents(ctx, next.Event())
}
