package pgtest

// Serve is Start for a program that is no test: a database on which the statements ran, each as a superuser, and a connection string
// for the role. The server goes with the process.
func Serve(role string, statements ...string) (dsn string, err error) {
	c, err := theCluster()
	if err != nil {
		return "", err
	}
	const database = "served"
	if err := c.exec(superuser, "create database "+database); err != nil {
		return "", err
	}
	if err := c.createRole(database, role); err != nil {
		return "", err
	}
	for _, sql := range statements {
		if err := c.exec(database, sql); err != nil {
			return "", err
		}
	}
	return c.dsn(role, database), nil
}
