package staff

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

var ErrPasskeyRefused = fault.New(fault.Invalid, "passkey_refused", "没有通过通行密钥的验证，请重试，或改用密码和动态码登录。")

// Passkeys speaks WebAuthn for one origin.
type Passkeys struct{ protocol *webauthn.WebAuthn }

// NewPasskeys takes the address people see, such as https://console.example.cn; passkeys are bound to its host.
func NewPasskeys(origin string) (*Passkeys, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return nil, err
	}
	p, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: issuer, RPOrigins: []string{origin},
		AttestationPreference:  protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{UserVerification: protocol.VerificationRequired},
	})
	return &Passkeys{p}, err
}

// holder is a member of staff as the protocol sees one.
type holder struct {
	who   model.Staff
	login string
	keys  []model.Passkey
}

func (h holder) WebAuthnID() []byte          { return []byte(h.who.ID) }
func (h holder) WebAuthnName() string        { return h.login }
func (h holder) WebAuthnDisplayName() string { return h.who.Name }

func (h holder) WebAuthnCredentials() (all []webauthn.Credential) {
	for _, key := range h.keys {
		var one webauthn.Credential
		if json.Unmarshal([]byte(key.Credential), &one) == nil {
			all = append(all, one)
		}
	}
	return all
}

func (s *Service) holder(ctx context.Context, staffID string) (h holder, err error) {
	if h.who, err = s.Store.FindStaff(ctx, staffID); err != nil {
		return h, err
	}
	credential, _, err := s.Store.FindCredential(ctx, staffID)
	if err != nil {
		return h, err
	}
	h.login = credential.Login
	h.keys, err = s.Store.ListPasskeys(ctx, staffID)
	return h, err
}

// AskPasskey begins to sign in with a passkey: options for the browser, and a ticket for what it answers.
func (s *Service) AskPasskey(ctx context.Context) (shown string, options any, err error) {
	asked, session, err := s.Passkeys.protocol.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return "", nil, err
	}
	shown, err = s.issuePasskey(ctx, ticket{For: toPasskey}, session)
	return shown, asked.Response, err
}

func (s *Service) issuePasskey(ctx context.Context, t ticket, session *webauthn.SessionData) (shown string, err error) {
	if t.Passkey, err = json.Marshal(session); err != nil {
		return "", err
	}
	shown, _ = model.NewToken("")
	return shown, s.issue(ctx, t, shown)
}

// SignInByPasskey signs in with what the browser answered. The person was verified by the device, so it counts as both
// factors; it cannot be guessed, so that no lock stands before it, which else anyone could put there.
func (s *Service) SignInByPasskey(ctx context.Context, shown string, answer []byte, from Visitor) (token string, err error) {
	t, err := s.take(ctx, toPasskey, shown)
	if err != nil {
		return "", err
	}
	found, credential, err := s.recognise(ctx, t, answer)
	if errors.Is(err, ErrPasskeyRefused) && found.who.ID != "" {
		err = errors.Join(err, s.noteTry(ctx, found.who.ID, byPasskey, model.SignInKeyWrong, from))
	}
	if err != nil {
		return "", err
	}
	key, known := keyOf(found.keys, credential.ID)
	if !known {
		return "", errors.Join(ErrPasskeyRefused, s.noteTry(ctx, found.who.ID, byPasskey, model.SignInKeyWrong, from))
	}
	key.SignCount = model.SpellCount(credential.Authenticator.SignCount)
	t.StaffID, t.Epoch = found.who.ID, found.who.Epoch
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := s.stillThere(ctx, tx, t); err != nil {
			return err
		}
		if err := tx.TakePasskeyCount(ctx, key, s.Now()); err != nil {
			return err
		}
		if err := tx.ForgetTries(ctx, triesOf(found.login)); err != nil {
			return err
		}
		return s.noteArrival(ctx, tx, t.StaffID, byPasskey, from)
	})
	switch {
	case errors.Is(err, model.ErrPasskeyNotFound):
		return "", errors.Join(ErrPasskeyRefused, s.noteTry(ctx, t.StaffID, byPasskey, model.SignInKeyRepeated, from))
	case errors.Is(err, ErrTicket):
		return "", errors.Join(model.ErrStaffDisabled, s.noteTry(ctx, t.StaffID, byPasskey, model.SignInDisabled, from))
	case err != nil:
		return "", err
	}
	return s.start(ctx, t.StaffID, t.Epoch, from)
}

// recognise finds whose passkey answered, and checks the answer by the protocol. Whose account was named comes back with a
// refusal too.
func (s *Service) recognise(ctx context.Context, t ticket, answer []byte) (found holder, credential *webauthn.Credential, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(t.Passkey, &session); err != nil {
		return found, nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return found, nil, ErrPasskeyRefused
	}
	var broken error // of the store, and not the visitor's doing
	find := func(_, userHandle []byte) (webauthn.User, error) {
		id := string(userHandle)
		if !model.ValidID(id) {
			return nil, ErrPasskeyRefused
		}
		found, broken = s.holder(ctx, id)
		return found, broken
	}
	_, credential, err = s.Passkeys.protocol.ValidatePasskeyLogin(find, session, parsed)
	switch {
	case broken != nil && !errors.Is(broken, model.ErrStaffNotFound):
		return found, nil, broken
	case err != nil:
		return found, nil, ErrPasskeyRefused.WithCause(errors.New("the protocol refuses the assertion")) // its own words quote what was sent
	}
	return found, credential, nil
}

func keyOf(keys []model.Passkey, credentialID []byte) (model.Passkey, bool) {
	hash := model.HashSecret(string(credentialID))
	for _, key := range keys {
		if key.CredentialHash == hash {
			return key, true
		}
	}
	return model.Passkey{}, false
}

// AskNewPasskey begins to register a passkey for somebody who is signed in.
func (s *Service) AskNewPasskey(ctx context.Context, session Session) (shown string, options any, err error) {
	h, err := s.holder(ctx, session.Duty.StaffID)
	if err != nil {
		return "", nil, err
	}
	var known []protocol.CredentialDescriptor
	for _, one := range h.WebAuthnCredentials() {
		known = append(known, one.Descriptor())
	}
	asked, remembered, err := s.Passkeys.protocol.BeginRegistration(h,
		webauthn.WithExclusions(known), webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired))
	if err != nil {
		return "", nil, err
	}
	shown, err = s.issuePasskey(ctx, ticket{For: toNewPasskey, StaffID: h.who.ID, Epoch: h.who.Epoch}, remembered)
	return shown, asked.Response, err
}

// AddPasskey registers what the browser made.
func (s *Service) AddPasskey(ctx context.Context, by Session, shown string, answer []byte, name string) (key model.Passkey, err error) {
	t, err := s.take(ctx, toNewPasskey, shown)
	if err != nil {
		return key, err
	}
	if t.StaffID != by.Duty.StaffID {
		return key, ErrTicket
	}
	if key, err = s.madeKey(ctx, t, answer); err != nil {
		return key, err
	}
	key.Name = name
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := s.stillThere(ctx, tx, t); err != nil {
			return err
		}
		if err := tx.AddPasskey(ctx, key); err != nil {
			return err
		}
		return tx.AddEvents(ctx, s.event(t.StaffID, t.StaffID, "", didAddPasskey, "登记通行密钥"))
	})
	return key, err
}

func (s *Service) madeKey(ctx context.Context, t ticket, answer []byte) (key model.Passkey, err error) {
	h, err := s.holder(ctx, t.StaffID)
	if err != nil {
		return key, err
	}
	var session webauthn.SessionData
	if err := json.Unmarshal(t.Passkey, &session); err != nil {
		return key, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return key, ErrPasskeyRefused
	}
	made, err := s.Passkeys.protocol.CreateCredential(h, session, parsed)
	if err != nil {
		return key, ErrPasskeyRefused.WithCause(errors.New("the protocol refuses the new key"))
	}
	text, err := json.Marshal(made)
	return model.Passkey{
		ID: s.Store.NewID(), StaffID: t.StaffID, CredentialHash: model.HashSecret(string(made.ID)), Credential: string(text),
		SignCount: model.SpellCount(made.Authenticator.SignCount), CreatedAt: s.Now(),
	}, err
}

// ListPasskeys gives somebody's own passkeys.
func (s *Service) ListPasskeys(ctx context.Context, session Session) ([]model.Passkey, error) {
	return s.Store.ListPasskeys(ctx, session.Duty.StaffID)
}

// DropPasskey removes one of somebody's own passkeys.
func (s *Service) DropPasskey(ctx context.Context, session Session, id string) error {
	staffID := session.Duty.StaffID
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.DropPasskey(ctx, staffID, id); err != nil {
			return err
		}
		return tx.AddEvents(ctx, s.event(staffID, staffID, "", didDropPasskey, "移除通行密钥"))
	})
}
