// Package may tells who may act for which department at an office. A centre is
// shared by departments that are strangers to each other: to work there lets
// somebody look around, but what they change must be their department's, and the
// hall as a whole is its host's.
//
// It joins what identity knows of people with what the catalogue knows of
// offices, for the screens, which all ask it. It keeps nothing and reads nothing
// but its arguments. It may import words and identity. Tests stand beside the code.
package may
