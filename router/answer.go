package router

// none is asked where there is nothing to ask, and answered where there is nothing to say.
type none struct{}

// one is an answer about one thing.
type one[V any] struct{ Body V }

// shown answers with what a service gave, as it is to be seen, unless the service refused.
func shown[T, V any](view func(T) V, found T, err error) (*one[V], error) {
	if err != nil {
		return nil, err
	}
	return &one[V]{view(found)}, nil
}

// list is a plain list under one name, so that more can be said beside it later.
type list[T any] struct {
	Body struct {
		Items []T `json:"items" nullable:"false"`
	}
}

// listed is shown for a list.
func listed[T, V any](view func(T) V, found []T, err error) (*list[V], error) {
	if err != nil {
		return nil, err
	}
	return listOf(each(found, view)), nil
}

func listOf[T any](items []T) *list[T] {
	out := &list[T]{}
	out.Body.Items = items
	if items == nil {
		out.Body.Items = []T{}
	}
	return out
}

// Counted is a page of a list, and how many there are on all its pages.
type Counted[T any] struct {
	Items []T   `json:"items" nullable:"false"`
	Total int64 `json:"total"`
}

// each translates a list; the result is never null.
func each[T, V any](items []T, view func(T) V) []V {
	views := make([]V, len(items))
	for i, item := range items {
		views[i] = view(item)
	}
	return views
}
