package trail

import (
	"context"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

// Link gives every record that has none its place in the chain. Servers that link at once take turns.
func (s *Service) Link(ctx context.Context) error {
	for {
		n := 0
		err := s.Store.InTx(ctx, func(tx *model.Store) error {
			chain, err := tx.LockTrailChain(ctx)
			if err != nil {
				return err
			}
			n, err = tx.LinkTrail(ctx, chain)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// Purge removes what is older than its time; n is how much. Less than model.TrailKeep is refused.
func (s *Service) Purge(ctx context.Context) (n int64, err error) {
	if err := model.MayPurge(s.Keep); err != nil {
		return 0, err
	}
	before := s.Now().Add(-s.Keep)
	for {
		some := int64(0)
		err := s.Store.InTx(ctx, func(tx *model.Store) error {
			chain, err := tx.LockTrailChain(ctx)
			if err != nil {
				return err
			}
			some, err = tx.PurgeTrail(ctx, chain, before)
			return err
		})
		n += some
		if err != nil || some == 0 {
			return n, err
		}
	}
}

// Verdict is the state of the chain.
type Verdict struct {
	Chain model.TrailChain
	Loose int64             // records that wait for their place
	Break *model.TrailBreak // nil: it holds
}

// Noted is a head of the chain that somebody wrote down. The zero value is none.
type Noted struct {
	Seq  int64
	Hash string
}

// Verify follows the chain from its anchor to its head, and looks for a noted head in it. It cannot tell a chain that
// somebody with the database wrote anew from beginning to end: only a head noted outside can.
func (s *Service) Verify(ctx context.Context, noted Noted) (Verdict, error) {
	for {
		verdict, err := s.follow(ctx, noted)
		if err != nil || verdict.Break == nil {
			return verdict, err
		}
		now, err := s.Store.FindTrailChain(ctx)
		if err != nil || now.AnchorSeq == verdict.Chain.AnchorSeq {
			return verdict, err
		} // purged meanwhile: from the new anchor on
	}
}

func (s *Service) follow(ctx context.Context, noted Noted) (v Verdict, err error) {
	if v.Chain, err = s.Store.FindTrailChain(ctx); err != nil {
		return v, err
	}
	at := v.Chain.Start()
	for v.Break == nil && at.HeadSeq < v.Chain.HeadSeq {
		next, err := s.Store.ListTrailLinks(ctx, at.HeadSeq, v.Chain.HeadSeq)
		if err != nil {
			return v, err
		}
		if len(next) == 0 {
			v.Break = &model.TrailBreak{Seq: at.HeadSeq + 1, Why: model.TrailMissing}
			break
		}
		at, v.Break = at.Follow(next)
	}
	if v.Break == nil && at.HeadHash != v.Chain.HeadHash {
		v.Break = &model.TrailBreak{Seq: v.Chain.HeadSeq, Why: model.TrailHead}
	}
	if v.Break == nil {
		v.Break, err = s.foreign(ctx)
	}
	if err == nil && v.Break == nil {
		v.Break, err = s.missed(ctx, v.Chain, noted)
	}
	if err == nil {
		v.Loose, err = s.Store.CountLooseTrail(ctx)
	}
	return v, err
}

// foreign looks for numbers that the chain never gave, while nobody links.
func (s *Service) foreign(ctx context.Context) (found *model.TrailBreak, err error) {
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		found = nil
		chain, err := tx.LockTrailChain(ctx)
		if err != nil {
			return err
		}
		seq, there, err := tx.FindForeignLink(ctx, chain)
		if there {
			found = &model.TrailBreak{Seq: seq, Why: model.TrailForeign}
		}
		return err
	})
	return found, err
}

// missed looks for the noted head. What has been purged since cannot be compared any longer, but for the anchor itself.
func (s *Service) missed(ctx context.Context, c model.TrailChain, noted Noted) (*model.TrailBreak, error) {
	if noted == (Noted{}) || noted.Seq < c.AnchorSeq {
		return nil, nil
	}
	hash := c.AnchorHash
	if noted.Seq > c.AnchorSeq {
		var err error
		if hash, _, err = s.Store.FindTrailHash(ctx, noted.Seq); err != nil {
			return nil, err
		}
	}
	if hash != noted.Hash {
		return &model.TrailBreak{Seq: noted.Seq, Why: model.TrailNoted}, nil
	}
	return nil, nil
}

func codeOf(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Code
	}
	return "failed"
}
