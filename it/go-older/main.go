// The ways into a cluster that the older Go client has (github.com/Azure/azure-kusto-go/kusto), one check a way.
//
//	go run . URL DATABASE [OTHER_URL…]
//
// Signs in as an application where AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID are set, by http with TOKEN, which the client refuses. At the other
// addresses of the cluster it goes there and back once.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/Azure/azure-kusto-go/kusto"
	"github.com/Azure/azure-kusto-go/kusto/data/table"
	"github.com/Azure/azure-kusto-go/kusto/ingest"
	"github.com/Azure/azure-kusto-go/kusto/kql"
	"github.com/google/uuid"
)

const patience = 2 * time.Minute

var (
	address  = os.Args[1]
	database = os.Args[2]
	ctx      = context.Background()
	client   *kusto.Client
)

func require(holds bool, format string, arguments ...any) {
	if !holds {
		panic(fmt.Errorf(format, arguments...))
	}
}

func must[T any](value T, err error) T {
	require(err == nil, "%v", err)
	return value
}

func connection() *kusto.ConnectionStringBuilder {
	builder := kusto.NewConnectionStringBuilder(address)
	if token := os.Getenv("TOKEN"); token != "" && !isSecure() {
		return builder.WithApplicationToken("any", token)
	}
	if id := os.Getenv("AZURE_CLIENT_ID"); id != "" {
		return builder.WithAadAppKey(id, os.Getenv("AZURE_CLIENT_SECRET"), os.Getenv("AZURE_TENANT_ID"))
	}
	return builder
}

func isSecure() bool {
	return strings.HasPrefix(address, "https:")
}

func read(rows *kusto.RowIterator) []*table.Row {
	defer rows.Stop()
	var all []*table.Row
	for {
		row, inline, err := rows.NextRowOrError()
		if err == io.EOF {
			return all
		}
		require(inline == nil, "%v", inline)
		require(err == nil, "%v", err)
		all = append(all, row)
	}
}

func command(csl string) []*table.Row {
	return read(must(client.Mgmt(ctx, database, kql.New("").AddUnsafe(csl))))
}

func ask(csl string, options ...kusto.QueryOption) []*table.Row {
	return read(must(client.Query(ctx, database, kql.New("").AddUnsafe(csl), options...)))
}

func made() string {
	name := "older_" + strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
	command(".create table " + name + " (Device:string, Value:real)")
	command(".alter table " + name + " policy streamingingestion enable")
	return name
}

func devices(name string) string {
	var all strings.Builder
	for _, row := range ask(name + " | order by Value asc") {
		all.WriteString(row.Values[0].String())
	}
	return all.String()
}

func arrive(name, wanted string) {
	end := time.Now().Add(patience)
	for devices(name) != wanted && time.Now().Before(end) {
		time.Sleep(100 * time.Millisecond)
	}
	require(devices(name) == wanted, "got %s, wanted %s", devices(name), wanted)
}

func queriesCommandsAndParameters() {
	parameters := kql.NewParameters().AddLong("l", 5).AddString("s", "a 'quoted' text")
	row := ask("print l=l * 2, s=s, t=datetime(2024-01-02), n=1h, g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), y=dynamic({\"a\":1}), e=long(null)",
		kusto.QueryParameters(parameters))[0]
	require(row.Values[0].String() == "10" && row.Values[1].String() == "a 'quoted' text", "%v", row.Values)
	_, err := client.Query(ctx, database, kql.New("NoSuchTable | count"))
	require(err != nil && strings.Contains(err.Error(), "SEM0100"), "%v", err)
}

// The client takes the first rows and their columns in whichever order; beyond the thousand rows that it has room for it then waits for itself.
func queriesInProgress() {
	require(len(ask("range x from 1 to 900 step 1", kusto.ResultsProgressiveEnabled())) == 900, "rows")
}

func streaming() {
	name := made()
	stream := must(ingest.NewStreaming(client, database, name))
	defer stream.Close()
	must(stream.FromReader(ctx, strings.NewReader("a,1\n"), ingest.FileFormat(ingest.CSV)))
	folder := must(os.MkdirTemp("", "conshelf-go-"))
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "rows.csv")
	require(os.WriteFile(path, []byte("b,2\n"), 0o600) == nil, "%s", path)
	must(stream.FromFile(ctx, path))
	require(devices(name) == "ab", "%s", devices(name))
}

func queuedAndManaged() {
	name := made()
	queued := must(ingest.New(client, database, name))
	defer queued.Close()
	csv, now := ingest.FileFormat(ingest.CSV), ingest.FlushImmediately()
	result := must(queued.FromReader(ctx, strings.NewReader("a,1\n"), csv, now, ingest.ReportResultToTable()))
	err := <-result.Wait(ctx)
	require(err == nil, "%v", err)
	command(".create table " + name + ` ingestion json mapping 'm' '[{"column":"Device","Properties":{"Path":"$.text"}},{"column":"Value","Properties":{"Path":"$.no"}}]'`)
	must(queued.FromReader(ctx, strings.NewReader(`{"no":2,"text":"b"}`), ingest.IngestionMappingRef("m", ingest.JSON), now))
	require(queued.Stream(ctx, []byte(`{"no":3,"text":"c"}`), ingest.JSON, "m") == nil, "stream")
	managed := must(ingest.NewManaged(client, database, name))
	defer managed.Close()
	must(managed.FromReader(ctx, strings.NewReader("d,4\n"), csv))
	arrive(name, "abcd")
}

// What is streamed and what is queued, at an address of another kind.
func thereAndBack(other string) {
	address = other
	var err error
	client, err = kusto.New(connection())
	if !isSecure() && os.Getenv("TOKEN") != "" {
		require(err != nil && strings.Contains(err.Error(), "cannot use token provider with http endpoint"), "%v", err)
		return
	}
	require(err == nil, "%v", err)
	name := made()
	stream := must(ingest.NewStreaming(client, database, name))
	defer stream.Close()
	csv := ingest.FileFormat(ingest.CSV)
	must(stream.FromReader(ctx, strings.NewReader("a,1\n"), csv))
	// Before a number it would put ingest-, as before a name.
	if !isSecure() || strings.Contains(address, "127.0.0.1") {
		require(devices(name) == "a", "%s", devices(name))
		return
	}
	queued := must(ingest.New(client, database, name))
	defer queued.Close()
	must(queued.FromReader(ctx, strings.NewReader("b,2\n"), csv, ingest.FlushImmediately()))
	arrive(name, "ab")
}

func main() {
	client = must(kusto.New(connection()))
	checks := []func(){queriesCommandsAndParameters, queriesInProgress, streaming}
	if isSecure() {
		// The client uploads to https only, by way of ingest- before the name of the cluster.
		checks = append(checks, queuedAndManaged)
	}
	failed := 0
	for _, check := range checks {
		name := runtime.FuncForPC(reflect.ValueOf(check).Pointer()).Name()
		if err := run(check); err != nil {
			failed++
			fmt.Printf("failed %s\n%v\n", name, err)
		} else {
			fmt.Printf("ok %s\n", name)
		}
	}
	for _, other := range os.Args[3:] {
		if err := run(func() { thereAndBack(other) }); err != nil {
			failed++
			fmt.Printf("failed main.thereAndBack %s\n%v\n", other, err)
		} else {
			fmt.Printf("ok main.thereAndBack %s\n", other)
		}
	}
	os.Exit(failed)
}

func run(check func()) (err error) {
	defer func() {
		if raised := recover(); raised != nil {
			err = errors.New(fmt.Sprint(raised))
		}
	}()
	check()
	return nil
}
