package premises_test

import (
	"fmt"
	"slices"
	"testing"

	"jiamenkou/model"
	"jiamenkou/service/premises"
)

// certificate is one that was issued a year ago and holds so many days from the scene's; negative: it has run out.
func (s *scene) certificate(kind string, days int) premises.Certificate {
	today := model.DateOf(s.at.In(s.w.Zone))
	expires := today.AddDays(days)
	return premises.Certificate{Kind: kind, Issuer: "示例市教育局", IssuedOn: today.AddDays(-400), ExpiresOn: &expires}
}

func TestCertificatesRunOutInTime(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		form := premises.CarerForm{Name: " 示例老师阿桂 ", Certificates: []premises.Certificate{s.certificate("教师资格证", 60), s.certificate("高级育婴师证", -1), s.certificate("健康证", 61)}}
		carer, err := s.AddCarer(ctx, s.by, "carer-001", s.w.Site.ID, form)
		s.must(err)
		var standings []model.CertificateStanding
		for _, c := range carer.Certificates {
			standings = append(standings, c.Standing)
		}
		if want := []model.CertificateStanding{model.CertificateExpiring, model.CertificateExpired, model.CertificateHolds}; carer.Name != "示例老师阿桂" || !slices.Equal(standings, want) {
			t.Errorf("%s holds %v, want %v", carer.Name, standings, want)
		}
		if !slices.Equal(carer.Missing, []string{"高级育婴师证"}) {
			t.Errorf("missing is %v", carer.Missing)
		}
		if w := s.find().Warnings; w != (premises.Warnings{Expired: 1, Expiring: 1, Lacking: 2}) { // the world's carer lacks one too
			t.Errorf("staff are warned of %+v", w)
		}
		s.must(errOf(s.Leave(ctx, s.by, carer.ID, 1)))
		if w := s.find().Warnings; w != (premises.Warnings{Lacking: 1}) { // of who has left nobody is warned
			t.Errorf("then of %+v", w)
		}
		s.wantHistory(carer.ID, ">active", "active>left")
	})
}

func TestCertificatesAreReplacedTogether(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		changed, err := s.ChangeCarer(ctx, s.by, s.w.Carer.ID, 0, premises.CarerForm{Name: "示例老师", Certificates: []premises.Certificate{s.certificate("高级育婴师证", 90)}})
		s.must(err)
		if len(changed.Certificates) != 1 || changed.Certificates[0].Kind != "高级育婴师证" || changed.Version != 1 {
			t.Errorf("after the change %+v", changed)
		}
		s.refused("changed_meanwhile", errOf(s.ChangeCarer(ctx, s.by, s.w.Carer.ID, 0, premises.CarerForm{Name: "示例老师"})))
		if n := s.db.Count(t, "SELECT COUNT(*) FROM carer_certificates WHERE carer_id = ?", s.w.Carer.ID); n != 1 {
			t.Errorf("the refused change leaves %d certificates", n)
		}
	})
}

// One leaves while another plans with him: nobody who has left has a plan.
func TestLeavingRacesPlanning(t *testing.T) {
	s := race(t)
	other := s.server()
	for round := range 8 {
		carer, err := s.AddCarer(ctx, s.by, fmt.Sprintf("carer-%03d", round), s.w.Site.ID, premises.CarerForm{Name: fmt.Sprintf("示例老师%d", round)})
		s.must(err)
		told := together(2, func(i int) error {
			if i == 0 {
				return errOf(s.Leave(ctx, s.by, carer.ID, 1))
			}
			return errOf(other.plans.AddTemplate(ctx, s.by, fmt.Sprintf("plan-%04d", round), s.wish(1+round%7, fmt.Sprintf("示例教室%d", round), carer.ID)))
		})
		if told["ok"] != 1 || told["carer_planned"]+told["carer_not_found"] != 1 {
			t.Errorf("told %v, want one ok and one refusal", told)
		}
	}
	if n := s.db.Count(t, "SELECT COUNT(*) FROM weekly_templates t JOIN carers c ON c.id = t.carer_id WHERE c.status = 'left'"); n != 0 {
		t.Errorf("%d plans are of carers who have left", n)
	}
}

// Two edit a carer at once: the certificates are those of one of them.
func TestTwoWhoEditACarerAtOnce(t *testing.T) {
	s := race(t)
	servers := []*scene{s.server(), s.server()}
	for version := range 4 {
		told := together(4, func(i int) error {
			form := premises.CarerForm{Name: fmt.Sprintf("示例老师%d", i)}
			for range i + 1 {
				form.Certificates = append(form.Certificates, s.certificate(fmt.Sprintf("证书%d", i), 90))
			}
			return errOf(servers[i%2].ChangeCarer(ctx, s.by, s.w.Carer.ID, version, form))
		})
		if told["ok"] != 1 || told["changed_meanwhile"] != 3 {
			t.Fatalf("told %v", told)
		}
		carer := s.find().CarerList[0]
		if want := len(carer.Certificates) - 1; carer.Name != fmt.Sprintf("示例老师%d", want) || carer.Certificates[0].Kind != fmt.Sprintf("证书%d", want) {
			t.Errorf("%s holds %+v", carer.Name, carer.Certificates)
		}
	}
}
