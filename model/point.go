package model

import "math"

// Point is a place on the map in GCJ-02 degrees, the system WeChat and Chinese maps use.
type Point struct{ Latitude, Longitude float64 }

// earthRadius is the mean radius in metres (IUGG R1).
const earthRadius = 6371008.8

// MetresTo is the great-circle distance (haversine formula).
func (p Point) MetresTo(q Point) float64 {
	lat1, lat2 := radians(p.Latitude), radians(q.Latitude)
	sinLat, sinLon := math.Sin((lat2-lat1)/2), math.Sin(radians(q.Longitude-p.Longitude)/2)
	h := sinLat*sinLat + math.Cos(lat1)*math.Cos(lat2)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(math.Min(1, h)))
}

// Direction is a point on the unit sphere, for comparing many distances without trigonometry.
type Direction struct{ x, y, z float64 }

// Direction is where the point stands as seen from the middle of the earth.
func (p Point) Direction() Direction {
	lat, lon := radians(p.Latitude), radians(p.Longitude)
	return Direction{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
}

// ChordTo is the square of the straight line between two points, in earth radii. It grows with the great-circle
// distance.
func (d Direction) ChordTo(e Direction) float64 {
	x, y, z := d.x-e.x, d.y-e.y, d.z-e.z
	return x*x + y*y + z*z
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

// Krasovsky 1940 ellipsoid, on which the GCJ-02 offset is defined.
const (
	krasovskyAxis         = 6378245.0
	krasovskyEccentricity = 0.00669342162296594323
)

// FromWGS84 turns what a browser or a GPS receiver reports into GCJ-02. Outside China the two systems agree. The
// formula is the published approximation of the official offset; it is good to about a metre.
func FromWGS84(p Point) Point {
	if p.outsideChina() {
		return p
	}
	x, y := p.Longitude-105, p.Latitude-35
	lat := radians(p.Latitude)
	magic := 1 - krasovskyEccentricity*math.Sin(lat)*math.Sin(lat)
	root := math.Sqrt(magic)
	north := offsetNorth(x, y) * 180 / (krasovskyAxis * (1 - krasovskyEccentricity) / (magic * root) * math.Pi)
	east := offsetEast(x, y) * 180 / (krasovskyAxis / root * math.Cos(lat) * math.Pi)
	return Point{p.Latitude + north, p.Longitude + east}
}

func (p Point) outsideChina() bool {
	return p.Longitude < 72.004 || p.Longitude > 137.8347 || p.Latitude < 0.8293 || p.Latitude > 55.8271
}

func offsetNorth(x, y float64) float64 {
	m := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x))
	m += (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	m += (20*math.Sin(y*math.Pi) + 40*math.Sin(y/3*math.Pi)) * 2 / 3
	return m + (160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
}

func offsetEast(x, y float64) float64 {
	m := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x))
	m += (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	m += (20*math.Sin(x*math.Pi) + 40*math.Sin(x/3*math.Pi)) * 2 / 3
	return m + (150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
}
