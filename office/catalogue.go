package office

import "fmt"

// Catalogue is everything that is set up. It is read once and never changed;
// its maps and slices must not be written to.
type Catalogue struct {
	// Sample: made up in part; every public page must say so.
	Sample      bool
	Categories  []Category
	Departments []*Department
	Offices     []*Office
	Queues      []*Queue
	Services    []*Service
	// Holidays by jurisdiction.
	Holidays map[string]map[Day]Holiday

	departments map[string]*Department
	offices     map[string]*Office
	queues      map[string]*Queue
	services    map[string]*Service
	counters    map[string]*Counter
	byOffice    map[string][]*Queue
	byQueue     map[string][]*Service
}

// Index builds the look-ups; the loader calls it once after all is read. It
// reports the first id that stands twice.
func (c *Catalogue) Index() error {
	c.departments, c.offices = map[string]*Department{}, map[string]*Office{}
	c.queues, c.services = map[string]*Queue{}, map[string]*Service{}
	c.counters, c.byOffice = map[string]*Counter{}, map[string][]*Queue{}
	for _, d := range c.Departments {
		if c.departments[d.ID] != nil {
			return fmt.Errorf("department %q stands twice", d.ID)
		}
		c.departments[d.ID] = d
	}
	for _, o := range c.Offices {
		if c.offices[o.ID] != nil {
			return fmt.Errorf("office %q stands twice", o.ID)
		}
		c.offices[o.ID] = o
		for i := range o.Counters {
			c.counters[o.Counters[i].ID] = &o.Counters[i]
		}
	}
	for _, q := range c.Queues {
		if c.queues[q.ID] != nil {
			return fmt.Errorf("queue %q stands twice", q.ID)
		}
		c.queues[q.ID] = q
		c.byOffice[q.Office] = append(c.byOffice[q.Office], q)
	}
	for _, s := range c.Services {
		if c.services[s.ID] != nil {
			return fmt.Errorf("service %q stands twice", s.ID)
		}
		c.services[s.ID] = s
	}
	c.byQueue = make(map[string][]*Service, len(c.Queues))
	for _, q := range c.Queues {
		for _, id := range q.Services {
			if s := c.services[id]; s != nil {
				c.byQueue[q.ID] = append(c.byQueue[q.ID], s)
			}
		}
	}
	return nil
}

// Department by id; nil when there is none. So are the others.
func (c *Catalogue) Department(id string) *Department { return c.departments[id] }

// Office by id.
func (c *Catalogue) Office(id string) *Office { return c.offices[id] }

// Queue by id.
func (c *Catalogue) Queue(id string) *Queue { return c.queues[id] }

// Service by id.
func (c *Catalogue) Service(id string) *Service { return c.services[id] }

// Counter by id.
func (c *Catalogue) Counter(id string) *Counter { return c.counters[id] }

// QueuesOf lists the queues of an office in catalogue order.
func (c *Catalogue) QueuesOf(office string) []*Queue { return c.byOffice[office] }

// ServicesOf lists the services that share a queue in its order; unknown ones are left out.
func (c *Catalogue) ServicesOf(queue string) []*Service { return c.byQueue[queue] }

// QueueFor is the queue that serves a service at an office; nil when the service is not offered there.
func (c *Catalogue) QueueFor(service, office string) *Queue {
	s := c.services[service]
	if s == nil {
		return nil
	}
	for _, id := range s.Queues {
		if q := c.queues[id]; q != nil && q.Office == office {
			return q
		}
	}
	return nil
}

// OfficesOf lists the offices that offer a service.
func (c *Catalogue) OfficesOf(service string) []*Office {
	s := c.services[service]
	if s == nil {
		return nil
	}
	var out []*Office
	for _, id := range s.Queues {
		if q := c.queues[id]; q != nil {
			out = append(out, c.offices[q.Office])
		}
	}
	return out
}
