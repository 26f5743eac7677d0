package table

import "slices"

// Spec is what the lake takes of one source table.
type Spec struct {
	Name    string
	Columns []Column // in lake order; env stands before them, dt behind
	// ByDay: the table grows for ever, and only rows created on the business day are taken. Else the rows are a
	// snapshot of the day.
	ByDay bool
}

// Column is a column of the lake and of the source table. The first column of a Spec is its key.
type Column struct {
	Name     string // in the lake
	Source   string // in the source, and in messages
	Alias    string // another name that installations have for it, used where Source is absent
	Type     Type
	Required bool // a source without it is refused
	NotNull  bool // a row without it is refused
	privacy  privacy
	least    int64 // of integers
	texts    domain
}

// privacy says in which form a value reaches the lake.
type privacy uint8

const (
	asIs privacy = iota
	userKey
	compensationID
)

// Specs returns the four tables, by name.
func Specs() []*Spec { return specs[:] }

// SpecOf returns the table of a name, nil if there is none.
func SpecOf(name string) *Spec {
	for _, s := range specs {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// ColumnOf returns the column that has the name in the source table, and whether there is one.
func (s *Spec) ColumnOf(source string) (Column, bool) {
	i := slices.IndexFunc(s.Columns, func(c Column) bool { return c.Source == source })
	if i < 0 {
		return Column{}, false
	}
	return s.Columns[i], true
}

// LakeNames returns the names in the lake of columns by their names in the source, sorted; nil for none.
func (s *Spec) LakeNames(sources []string) []string {
	var names []string
	for _, source := range sources {
		c, _ := s.ColumnOf(source)
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}

// createdAt is the column whose business day decides where a row of a table ByDay belongs.
const createdAt = "created_at"

// updatedAt is the column that says when a row changed last.
const updatedAt = "updated_at"

var specs = [...]*Spec{
	{
		Name: "compensation_queue",
		Columns: []Column{
			id, user(false), text("vault_type", vaultTypes),
			{Name: "compensation_id", Source: "request_id", Type: TextType, privacy: compensationID},
			text("external_service", label), text("status", queueStatus), count("retry_count"), instant("next_retry_at"), instant(createdAt),
		},
	},
	{
		Name: "notifications_queue", ByDay: true,
		Columns: []Column{
			id, user(false), text("type", label), text("vault_type", vaultTypes), text("variant_id", label), text("status", queueStatus),
			count("retry_count"), instant("scheduled_at"), instant(createdAt),
		},
	},
	{
		Name: "vault_expiry_extension_log", ByDay: true,
		Columns: []Column{
			id, user(false), instant("prev_expires_at"), instant("new_expires_at"), text("reason", extensionReasons), boolean("shadow"), instant(createdAt),
		},
	},
	{
		Name: "vault_status",
		Columns: []Column{
			user(true), required(text("gold_status", statuses)), required(text("platinum_status", statuses)), required(text("diamond_status", statuses)),
			required(instant("expires_at")), instant("expires_initial_at"), count("expiry_extend_count"),
			text("last_extension_reason", extensionReasons), instant("last_extension_at"), count("platinum_attendance_days"),
			boolean("platinum_deposit_done"), alias(count("diamond_deposit_current"), "diamond_deposit_total"), instant("gold_claimed_at"),
			instant("platinum_claimed_at"), instant("diamond_claimed_at"), instant("last_attended_at"), instant(createdAt), instant(updatedAt),
		},
	},
}

const anyInteger = -1 << 63

var id = Column{Name: "id", Source: "id", Type: IntegerType, least: anyInteger}

func user(isKey bool) Column {
	return Column{Name: "user_key", Source: "user_id", Type: IntegerType, Required: true, NotNull: isKey, privacy: userKey, least: 1}
}

func text(name string, texts domain) Column {
	return Column{Name: name, Source: name, Type: TextType, texts: texts}
}

func count(name string) Column   { return Column{Name: name, Source: name, Type: IntegerType} }
func boolean(name string) Column { return Column{Name: name, Source: name, Type: BooleanType} }
func instant(name string) Column { return Column{Name: name, Source: name, Type: InstantType} }

func required(c Column) Column {
	c.Required = true
	return c
}

func alias(c Column, name string) Column {
	c.Alias = name
	return c
}
