// The ways into a cluster that the Go client has whose calls take an authorizer (github.com/Azure/azure-kusto-go/kusto up to 0.8), one check a way.
//
//	go run . URL DATABASE
//
// Signs in as an application by AZURE_CLIENT_ID and AZURE_CLIENT_SECRET. AZURE_TENANT_ID is the tenant behind the address of its token service, as in
// https://lab.example:8443/adfs: the client puts login.microsoftonline.com before a tenant that is a name only.
package main

import (
	"context"
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
	"github.com/Azure/azure-kusto-go/kusto/unsafe"
	"github.com/Azure/go-autorest/autorest/azure/auth"
	"github.com/google/uuid"
)

const patience = 2 * time.Minute

var (
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

func statement(csl string) kusto.Stmt {
	return kusto.NewStmt("", kusto.UnsafeStmt(unsafe.Stmt{Add: true, SuppressWarning: true})).UnsafeAdd(csl)
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
	return read(must(client.Mgmt(ctx, database, statement(csl))))
}

func ask(csl string) []*table.Row {
	return read(must(client.Query(ctx, database, statement(csl))))
}

func made() string {
	name := "oldest_" + strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
	command(".create table " + name + " (Device:string, Value:real)")
	command(".alter table " + name + " policy streamingingestion enable")
	command(".create table " + name + ` ingestion json mapping 'm' '[{"column":"Device","Properties":{"Path":"$.text"}},{"column":"Value","Properties":{"Path":"$.no"}}]'`)
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

func queriesAndCommands() {
	row := ask("print l=5, s='a text', t=datetime(2024-01-02), n=1h, y=dynamic({\"a\":1}), e=long(null)")[0]
	require(row.Values[0].String() == "5" && row.Values[1].String() == "a text", "%v", row.Values)
	_, err := client.Query(ctx, database, kusto.NewStmt("NoSuchTable | count"))
	require(err != nil && strings.Contains(err.Error(), "SEM0100"), "%v", err)
}

func streaming() {
	name := made()
	stream := must(ingest.NewStreaming(client, database, name))
	must(stream.FromReader(ctx, strings.NewReader("a,1\n"), ingest.FileFormat(ingest.CSV)))
	both := must(ingest.New(client, database, name))
	defer both.Close()
	require(both.Stream(ctx, []byte(`{"no":2,"text":"b"}`), ingest.JSON, "m") == nil, "stream")
	require(devices(name) == "ab", "%s", devices(name))
}

func queuedAndManaged() {
	name := made()
	queued := must(ingest.New(client, database, name))
	defer queued.Close()
	csv, now := ingest.FileFormat(ingest.CSV), ingest.FlushImmediately()
	must(queued.FromReader(ctx, strings.NewReader("a,1\n"), csv, now))
	folder := must(os.MkdirTemp("", "conshelf-go-"))
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "rows.csv")
	require(os.WriteFile(path, []byte("b,2\n"), 0o600) == nil, "%s", path)
	must(queued.FromFile(ctx, path, now))
	must(queued.FromReader(ctx, strings.NewReader(`{"no":3,"text":"c"}`), ingest.FileFormat(ingest.JSON), ingest.IngestionMappingRef("m", ingest.JSON), now))
	managed := must(ingest.NewManaged(client, database, name))
	defer managed.Close()
	must(managed.FromReader(ctx, strings.NewReader("d,4\n"), csv))
	arrive(name, "abcd")
}

func theTableTellsHowItEnded() {
	queued := must(ingest.New(client, database, made()))
	defer queued.Close()
	result := must(queued.FromReader(ctx, strings.NewReader("a,1\n"), ingest.FileFormat(ingest.CSV), ingest.FlushImmediately(), ingest.ReportResultToTable()))
	err := <-result.Wait(ctx)
	require(err == nil, "%v", err)
}

func main() {
	client = must(kusto.New(os.Args[1], kusto.Authorization{
		Config: auth.NewClientCredentialsConfig(os.Getenv("AZURE_CLIENT_ID"), os.Getenv("AZURE_CLIENT_SECRET"), os.Getenv("AZURE_TENANT_ID")),
	}))
	failed := 0
	for _, check := range []func(){queriesAndCommands, streaming, queuedAndManaged, theTableTellsHowItEnded} {
		name := runtime.FuncForPC(reflect.ValueOf(check).Pointer()).Name()
		if err := run(check); err != nil {
			failed++
			fmt.Printf("failed %s\n%v\n", name, err)
		} else {
			fmt.Printf("ok %s\n", name)
		}
	}
	os.Exit(failed)
}

func run(check func()) (err error) {
	defer func() {
		if raised := recover(); raised != nil {
			err = fmt.Errorf("%v", raised)
		}
	}()
	check()
	return nil
}
