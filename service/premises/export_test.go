package premises

// Orientation is orientation, for the tests of what files say.
var Orientation = orientation
