package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// fault is something that is to go wrong. Kind says what:
//
//	call    the call is answered with the fault and does nothing
//	task    the task ends with the fault and does nothing
//	slow    the task, or the guest's shutdown, takes so many seconds
//	hang    the call is neither done nor answered
//	mute    the call is done but never answered
//	cut     the call is done, and the connection ends without an answer
//	expire  the session ends before the call
//	ignore  the guest does not shut down although it is asked to
//	touch   somebody else changes the machine just before the reconfiguration
//	mac     the new adapter gets another MAC address than it should
type fault struct {
	Kind    string          `json:"kind"`
	Method  string          `json:"method"` // as the API calls it: ReconfigVM_Task
	VM      string          `json:"vm"`     // a machine's name; empty is any; for tasks and shutdowns only
	Times   int             `json:"times"`  // how often; once when it is not said; 0 is always
	Fault   string          `json:"fault"`  // the vSphere fault
	Fields  json.RawMessage `json:"fields"` // what is in that fault
	Seconds float64         `json:"for_s"`
	MAC     string          `json:"mac"`
}

// kinds are the ones that the HTTP server sees to.
var kinds = []string{"hang", "mute", "cut", "expire"}

func (f *fault) seconds() time.Duration {
	if f == nil {
		return 0
	}
	return time.Duration(f.Seconds * float64(time.Second))
}

// fault makes the vSphere fault, or nil when none is to be made.
func (f *fault) fault() types.BaseMethodFault {
	if f == nil {
		return nil
	}
	made, err := f.make()
	must(err)
	return made
}

func (f *fault) make() (types.BaseMethodFault, error) {
	kind, known := types.TypeFunc()(f.Fault)
	if !known {
		return nil, fmt.Errorf("vSphere has no fault %q", f.Fault)
	}
	value := reflect.New(kind).Interface()
	if len(f.Fields) > 0 {
		if err := json.Unmarshal(f.Fields, value); err != nil {
			return nil, err
		}
	}
	if busy, ok := value.(*types.TaskInProgress); ok { // without a task, clients cannot read it
		busy.Task = types.ManagedObjectReference{Type: "Task", Value: "task-0"}
	}
	made, isFault := value.(types.BaseMethodFault)
	if !isFault {
		return nil, fmt.Errorf("%q is no fault", f.Fault)
	}
	return made, nil
}

// faults are those that are still to happen.
type faults struct {
	lock    sync.Mutex
	waiting []*fault
	calls   []string
}

func newFaults() *faults { return &faults{calls: []string{}} }

// add makes a fault wait for its call.
func (f *faults) add(body []byte) error {
	added := &fault{Times: 1}
	if err := json.Unmarshal(body, added); err != nil {
		return err
	}
	if added.Fault != "" {
		if _, err := added.make(); err != nil {
			return err
		}
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	f.waiting = append(f.waiting, added)
	return nil
}

func (f *faults) clear() {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.waiting = nil
}

// take returns the first fault that waits for this, or nil.
func (f *faults) take(kind, method, vm string) *fault {
	return f.first(func(each *fault) bool {
		return each.Kind == kind && each.Method == method && (each.VM == "" || vm == each.VM)
	})
}

func (f *faults) first(fits func(*fault) bool) *fault {
	f.lock.Lock()
	defer f.lock.Unlock()
	index := slices.IndexFunc(f.waiting, fits)
	if index < 0 {
		return nil
	}
	found := f.waiting[index]
	if found.Times > 0 {
		if found.Times--; found.Times == 0 {
			f.waiting = slices.Delete(f.waiting, index, index+1)
		}
	}
	return found
}

// around serves the API with the faults that are about calls.
func (f *faults) around(api http.Handler, forget func(string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		method := methodOf(body)
		f.note(method)
		found := f.first(func(each *fault) bool {
			return slices.Contains(kinds, each.Kind) && (each.Method == method || each.Method == "*")
		})
		if found == nil {
			api.ServeHTTP(w, r)
			return
		}
		switch found.Kind {
		case "hang":
			<-r.Context().Done()
		case "mute":
			api.ServeHTTP(httptest.NewRecorder(), r)
			<-r.Context().Done()
		case "cut":
			api.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case "expire":
			if cookie, err := r.Cookie(soap.SessionCookieName); err == nil {
				forget(cookie.Value)
			}
			api.ServeHTTP(w, r)
		}
	})
}

// note remembers a call, so that tests can tell what was sent and how often.
func (f *faults) note(method string) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.calls = append(f.calls, method)
}

func (f *faults) noted() []string {
	f.lock.Lock()
	defer f.lock.Unlock()
	return slices.Clone(f.calls)
}

// methodOf is the name of the first element in a SOAP body.
func methodOf(body []byte) string {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	for inside := false; ; {
		token, err := decoder.Token()
		if err != nil {
			return ""
		}
		if element, ok := token.(xml.StartElement); ok {
			if inside {
				return element.Name.Local
			}
			inside = element.Name.Local == "Body"
		}
	}
}
