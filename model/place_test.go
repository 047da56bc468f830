package model_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"jiamenkou/model"
)

func TestCertificateValidOn(t *testing.T) {
	expires := day("2026-11-24")
	limited := model.CarerCertificate{IssuedOn: day("2023-11-25"), ExpiresOn: &expires}
	lasting := model.CarerCertificate{IssuedOn: day("2023-11-25")}
	for _, c := range []struct {
		name        string
		certificate model.CarerCertificate
		on          string
		valid       bool
	}{
		{"the day before it was issued", limited, "2023-11-24", false},
		{"the day it was issued", limited, "2023-11-25", true},
		{"its last day", limited, "2026-11-24", true},
		{"the day after", limited, "2026-11-25", false},
		{"one that does not expire", lasting, "2099-01-01", true},
		{"one that does not expire, before", lasting, "2023-11-24", false},
	} {
		if got := c.certificate.ValidOn(day(c.on)); got != c.valid {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestMetresTo(t *testing.T) {
	for _, c := range []struct {
		name   string
		a, b   model.Point
		metres float64
		within float64
	}{
		{"nowhere", model.Point{Latitude: 31.17, Longitude: 121.40}, model.Point{Latitude: 31.17, Longitude: 121.40}, 0, 0},
		// A degree of a great circle is 2πR/360.
		{"a degree north", model.Point{Latitude: 31, Longitude: 121}, model.Point{Latitude: 32, Longitude: 121}, 111195.08, 0.01},
		{"a degree along the equator", model.Point{Longitude: 121}, model.Point{Longitude: 122}, 111195.08, 0.01},
		{"across the date line", model.Point{Longitude: 179.5}, model.Point{Longitude: -179.5}, 111195.08, 0.01},
		{"to the other side", model.Point{Latitude: 31, Longitude: 121}, model.Point{Latitude: -31, Longitude: -59}, 20015114.44, 0.1},
		// The example of the haversine package on PyPI, which takes the same radius.
		{"Lyon to Paris", model.Point{Latitude: 45.7597, Longitude: 4.8422}, model.Point{Latitude: 48.8567, Longitude: 2.3508}, 392217.26, 0.01},
	} {
		if got := c.a.MetresTo(c.b); math.Abs(got-c.metres) > c.within {
			t.Errorf("%s: %.2f m, want %.2f", c.name, got, c.metres)
		}
	}
}

func somePoint(rt *rapid.T, name string) model.Point {
	return model.Point{
		Latitude:  rapid.Float64Range(-90, 90).Draw(rt, name+" latitude"),
		Longitude: rapid.Float64Range(-180, 180).Draw(rt, name+" longitude"),
	}
}

// A distance is the same both ways, never negative, never more than half the earth, and no detour is shorter.
func TestDistanceIsAMetric(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b, c := somePoint(rt, "a"), somePoint(rt, "b"), somePoint(rt, "c")
		ab := a.MetresTo(b)
		if math.Abs(ab-b.MetresTo(a)) > 1e-6 || ab < 0 || ab > 20_015_115 || math.IsNaN(ab) {
			rt.Fatalf("%v to %v is %v, back %v", a, b, ab, b.MetresTo(a))
		}
		if ab > a.MetresTo(c)+c.MetresTo(b)+0.5 { // half a metre: rounding near the far side of the earth
			rt.Fatalf("%v to %v is shorter by %v", a, b, c)
		}
	})
}

// Reference points of the open eviltransform library, which many map applications test against.
func TestFromWGS84(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to model.Point
	}{
		{"Shanghai", model.Point{Latitude: 31.1774276, Longitude: 121.5272106}, model.Point{Latitude: 31.17530398364597, Longitude: 121.531541859215}},
		{"Shenzhen", model.Point{Latitude: 22.543847, Longitude: 113.912316}, model.Point{Latitude: 22.540796131694766, Longitude: 113.9171764808363}},
		{"Beijing", model.Point{Latitude: 39.911954, Longitude: 116.377817}, model.Point{Latitude: 39.91334545536069, Longitude: 116.38404722455657}},
	} {
		if off := model.FromWGS84(c.from).MetresTo(c.to); off > 1 {
			t.Errorf("%s is %.2f m off", c.name, off)
		}
	}
}

func TestFromWGS84OutsideChina(t *testing.T) {
	for name, p := range map[string]model.Point{
		"Paris":     {Latitude: 48.8567, Longitude: 2.3508},
		"New York":  {Latitude: 40.7128, Longitude: -74.0060},
		"Singapore": {Latitude: 0.8, Longitude: 103.8198},
		"Tokyo":     {Latitude: 35.6762, Longitude: 139.6503},
		"nowhere":   {},
	} {
		if got := model.FromWGS84(p); got != p {
			t.Errorf("%s moved to %v", name, got)
		}
	}
}

// In the district the offset is some hundred metres and the same for neighbours.
func TestFromWGS84InTheDistrict(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := model.Point{
			Latitude:  rapid.Float64Range(31.08, 31.23).Draw(rt, "latitude"),
			Longitude: rapid.Float64Range(121.38, 121.48).Draw(rt, "longitude"),
		}
		moved := model.FromWGS84(p)
		if offset := p.MetresTo(moved); offset < 300 || offset > 700 {
			rt.Fatalf("%v is moved by %.0f m", p, offset)
		}
		near := model.Point{Latitude: p.Latitude + 0.0001, Longitude: p.Longitude + 0.0001}
		if math.Abs(moved.MetresTo(model.FromWGS84(near))-p.MetresTo(near)) > 0.1 {
			rt.Fatalf("%v and its neighbour drift apart", p)
		}
	})
}
