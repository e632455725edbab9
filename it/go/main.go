// Every way into a cluster that the official Go clients have, one check a way.
//
//	go run . URL DATABASE [OTHER_URL…]
//
// Signs in as an application where AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID are set, by http with TOKEN, which the client refuses. BIG is how
// many rows the large result has; SAMPLES the folder of files in formats that no client writes. At the other addresses of the cluster it goes there and back once.
package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-kusto-go/azkustodata"
	"github.com/Azure/azure-kusto-go/azkustodata/kql"
	"github.com/Azure/azure-kusto-go/azkustodata/query"
	trusted "github.com/Azure/azure-kusto-go/azkustodata/trusted_endpoints"
	"github.com/Azure/azure-kusto-go/azkustoingest"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/uuid"
)

const patience = 2 * time.Minute

var (
	address  = os.Args[1]
	database = os.Args[2]
	ctx      = context.Background()
	client   *azkustodata.Client
	written  = map[azkustoingest.DataFormat]string{
		azkustoingest.AVRO: "rows.avro", azkustoingest.ApacheAVRO: "rows.avro", azkustoingest.Parquet: "rows.parquet", azkustoingest.ORC: "rows.orc",
		azkustoingest.W3CLogFile: "rows.w3clog"}
)

// failure ends the check that it is raised in.
type failure string

func require(holds bool, format string, arguments ...any) {
	if !holds {
		panic(failure(fmt.Sprintf(format, arguments...)))
	}
}

func must[T any](value T, err error) T {
	require(err == nil, "%v", err)
	return value
}

func equal(got, wanted any) {
	require(reflect.DeepEqual(got, wanted), "got %v, wanted %v", got, wanted)
}

func connection() *azkustodata.ConnectionStringBuilder {
	builder := azkustodata.NewConnectionStringBuilder(address)
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

func text(csl string) *kql.Builder {
	return kql.New("").AddUnsafe(csl)
}

func command(csl string) []query.Row {
	return must(client.Mgmt(ctx, database, text(csl))).Tables()[0].Rows()
}

func ask(csl string, options ...azkustodata.QueryOption) []query.Row {
	return must(client.Query(ctx, database, text(csl), options...)).Tables()[0].Rows()
}

func count(table string) int64 {
	return *must(ask(table + " | count")[0].LongByIndex(0))
}

func made(columns string) string {
	name := "go_" + strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
	command(".create table " + name + " (" + columns + ")")
	return name
}

func eventually[T any](value func() T, isEnough func(T) bool) T {
	end := time.Now().Add(patience)
	got := value()
	for !isEnough(got) && time.Now().Before(end) {
		time.Sleep(100 * time.Millisecond)
		got = value()
	}
	return got
}

func arrive(table string, rows int64) {
	equal(eventually(func() int64 { return count(table) }, func(n int64) bool { return n >= rows }), rows)
}

func devices(table string) string {
	var all []string
	for _, row := range ask(table + " | order by Value asc") {
		all = append(all, must(row.StringByName("Device")))
	}
	return strings.Join(all, "")
}

func packed(content string) []byte {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	must(writer.Write([]byte(content)))
	require(writer.Close() == nil, "gzip")
	return out.Bytes()
}

func zipped(content string) []byte {
	var out bytes.Buffer
	writer := zip.NewWriter(&out)
	must(must(writer.Create("rows.csv")).Write([]byte(content)))
	require(writer.Close() == nil, "zip")
	return out.Bytes()
}

// A blob in the storage beside the cluster, put there with the storage client.
func uploaded(content []byte, name string) string {
	root := must(command(".create tempstorage")[0].StringByName("StorageRoot"))
	folder, signature, _ := strings.Cut(root, "?")
	path := folder + "/" + uuid.NewString() + "/" + name + "?" + signature
	blob := must(blockblob.NewClientWithNoCredential(path, nil))
	must(blob.UploadBuffer(ctx, content, nil))
	return path
}

func file(folder, name string, content []byte) string {
	path := filepath.Join(folder, name)
	require(os.WriteFile(path, content, 0o600) == nil, "%s", path)
	return path
}

// How an ingestion ended that reports to the table.
func end(result *azkustoingest.Result, err error) error {
	must(result, err)
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return <-result.Wait(waiting, azkustoingest.WithImmediateFirst(), azkustoingest.WithInterval(100*time.Millisecond))
}

// Where a port is in the address, the client would put ingest- before localhost too.
func into(table string) []azkustoingest.Option {
	return []azkustoingest.Option{
		azkustoingest.WithDefaultDatabase(database), azkustoingest.WithDefaultTable(table), azkustoingest.WithoutEndpointCorrection()}
}

func everyTypeComesBack() {
	row := ask(`print b=true, i=int(-5), l=9223372036854775807, r=0.5, d=decimal(1.50), s='ä', t=datetime(2020-03-04T14:05:01.3109965Z),
		n=time(-1.01:23:45.6789), g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), y=dynamic({"a":[1,null]}), nb=bool(null), ni=int(null), nl=long(null),
		nr=real(null), nd=decimal(null), nt=datetime(null), nn=timespan(null), ng=guid(null), ny=dynamic(null)`)[0]
	equal(*must(row.BoolByName("b")), true)
	equal(*must(row.IntByName("i")), int32(-5))
	equal(*must(row.LongByName("l")), int64(9223372036854775807))
	equal(*must(row.RealByName("r")), 0.5)
	equal(must(row.DecimalByName("d")).StringFixed(2), "1.50")
	equal(must(row.StringByName("s")), "ä")
	equal(*must(row.DateTimeByName("t")), time.Date(2020, 3, 4, 14, 5, 1, 310996500, time.UTC))
	equal(*must(row.TimespanByName("n")), -(25*time.Hour + 23*time.Minute + 45*time.Second + 678900*time.Microsecond))
	equal(must(row.GuidByName("g")).String(), "74be27de-1e4e-49d9-b579-fe0b331d3642")
	equal(string(must(row.DynamicByName("y"))), `{"a":[1,null]}`)
	require(must(row.BoolByName("nb")) == nil && must(row.IntByName("ni")) == nil && must(row.LongByName("nl")) == nil && must(row.RealByName("nr")) == nil, "nulls")
	require(must(row.DecimalByName("nd")) == nil && must(row.DateTimeByName("nt")) == nil && must(row.TimespanByName("nn")) == nil && must(row.GuidByName("ng")) == nil, "nulls")
}

func parametersAreBound() {
	parameters := kql.NewParameters().AddBool("b", true).AddLong("l", 5).AddReal("r", 2.5).AddString("s", "a 'quoted' text").
		AddDateTime("t", time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)).AddTimespan("n", time.Hour)
	row := ask("print b=b, l=l, r=r, s=s, t=t, n=n", azkustodata.QueryParameters(parameters))[0]
	equal(*must(row.LongByName("l")), int64(5))
	equal(must(row.StringByName("s")), "a 'quoted' text")
	equal(*must(row.TimespanByName("n")), time.Hour)
}

// A table may be named by a parameter, as the client's own suite of tests counts what has arrived.
func aParameterNamesATable() {
	table := made("Device:string")
	command(".ingest inline into table " + table + " <| a")
	row := ask("table(tableName) | count", azkustodata.QueryParameters(kql.NewParameters().AddString("tableName", table)))[0]
	equal(*must(row.LongByIndex(0)), int64(1))
	must(client.Mgmt(ctx, "NetDefaultDB", text(".refresh database '"+database+"' table '"+table+"' cache ingestionbatchingpolicy")))
}

func queriesBehindACommandAreResultsOfTheirOwn() {
	tables := must(client.Mgmt(ctx, database, text(`.show databases | project A="1" | take 1; datatable(b: int) [3] | project A="2"`))).Tables()
	equal(must(tables[0].Rows()[0].StringByName("A"))+must(tables[1].Rows()[0].StringByName("A")), "12")
}

func aQueryThatIsWrongIsTold() {
	_, err := client.Query(ctx, database, text("NoSuchTable | count"))
	require(err != nil && strings.Contains(err.Error(), "SEM0100"), "%v", err)
	_, err = client.Query(ctx, database, text("print |"))
	require(err != nil && strings.Contains(err.Error(), "SYN"), "%v", err)
}

func aResultBeyondTheLimitFailsPartially() {
	_, err := client.Query(ctx, database, text("range x from 1 to 100 step 1"), azkustodata.TruncationMaxRecords(10))
	require(err != nil && strings.Contains(err.Error(), "E_QUERY_RESULT_SET_TOO_LARGE"), "%v", err)
}

func aTimeLimitEndsAQuery() {
	_, err := client.Query(ctx, database, text("range x from 1 to 1000000000000 step 1 | summarize dcount(x)"), azkustodata.ServerTimeout(2*time.Second))
	require(err != nil, "it ended")
}

func aQueryCanBeCancelled() {
	id := "cancel;" + uuid.NewString()
	ended := make(chan error, 1)
	go func() {
		_, err := client.Query(ctx, database, text("range x from 1 to 1000000000000 step 1 | summarize dcount(x)"), azkustodata.ClientRequestID(id))
		ended <- err
	}()
	shown := func() int {
		return len(command(".show queries | where ClientActivityId == '" + id + "' and State == 'InProgress'"))
	}
	equal(eventually(shown, func(n int) bool { return n > 0 }), 1)
	command(`.cancel query "` + id + `"`)
	require(<-ended != nil, "it ended well")
}

func aContextThatEndsEndsTheQuery() {
	id := "context;" + uuid.NewString()
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := client.Query(short, database, text("range x from 1 to 1000000000000 step 1 | summarize dcount(x)"), azkustodata.ClientRequestID(id))
	require(err != nil, "it ended well")
	running := func() int {
		return len(command(".show queries | where ClientActivityId == '" + id + "' and State == 'InProgress'"))
	}
	equal(eventually(running, func(n int) bool { return n == 0 }), 0)
}

func aLargeResultIsStreamed() {
	big := 200_000
	if wanted := os.Getenv("BIG"); wanted != "" {
		big = must(strconv.Atoi(wanted))
	}
	answer := must(client.IterativeQuery(ctx, database, text(fmt.Sprintf("range x from 1 to %d step 1 | extend s=strcat('row ', x, strrep('.', 80))", big)), azkustodata.NoTruncation()))
	defer answer.Close()
	rows, total := 0, int64(0)
	for table := range answer.Tables() {
		require(table.Err() == nil, "%v", table.Err())
		if !table.Table().IsPrimaryResult() {
			continue
		}
		for row := range table.Table().Rows() {
			require(row.Err() == nil, "%v", row.Err())
			rows++
			total += *must(row.Row().LongByIndex(0))
		}
	}
	equal(rows, big)
	equal(total, int64(big)*int64(big+1)/2)
	tellPeak()
}

// The most memory that this process ever had, as Linux tells it: whoever runs the check with more and with fewer rows compares.
func tellPeak() {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			fmt.Println("peak", strings.TrimSpace(rest))
		}
	}
}

func streamingTakesFilesStreamsAndBlobs() {
	table := made("Device:string, Value:real")
	command(".alter table " + table + " policy streamingingestion enable")
	streaming := must(azkustoingest.NewStreaming(connection(), into(table)...))
	defer streaming.Close()
	folder := must(os.MkdirTemp("", "conshelf-go-"))
	defer os.RemoveAll(folder)
	csv := azkustoingest.FileFormat(azkustoingest.CSV)
	must(streaming.FromReader(ctx, strings.NewReader("a,1\n"), csv))
	must(streaming.FromFile(ctx, file(folder, "rows.csv", []byte("b,2\n"))))
	must(streaming.FromFile(ctx, file(folder, "rows.csv.gz", packed("c,3\n"))))
	must(streaming.FromFile(ctx, uploaded([]byte("d,4\n"), "rows.csv"), csv))
	equal(devices(table), "abcd")
}

func streamingTakesJsonByAMapping() {
	table := made("n:long, Device:string, Value:real")
	command(".alter table " + table + " policy streamingingestion enable")
	command(".create table " + table + ` ingestion json mapping 'm' '[{"column":"Device","Properties":{"Path":"$.in.text"}},{"column":"Value","Properties":{"Path":"$.no"}}]'`)
	streaming := must(azkustoingest.NewStreaming(connection(), into(table)...))
	defer streaming.Close()
	must(streaming.FromReader(ctx, strings.NewReader(`{"no":1,"in":{"text":"a"}}`+"\n"+`{"no":2,"in":{"text":"b"}}`),
		azkustoingest.IngestionMappingRef("m", azkustoingest.JSON)))
	must(streaming.FromReader(ctx, strings.NewReader("[{\"no\":3,\n\"in\":{\"text\":\"c\"}}]"), azkustoingest.IngestionMappingRef("m", azkustoingest.MultiJSON)))
	equal(devices(table), "abc")
}

func streamingTakesFormatsThatAreFiles() {
	for _, format := range []azkustoingest.DataFormat{azkustoingest.AVRO, azkustoingest.ApacheAVRO, azkustoingest.W3CLogFile} {
		table := made("Device:string, Value:real")
		command(".alter table " + table + " policy streamingingestion enable")
		streaming := must(azkustoingest.NewStreaming(connection(), into(table)...))
		must(streaming.FromFile(ctx, filepath.Join(os.Getenv("SAMPLES"), written[format]), azkustoingest.FileFormat(format)))
		require(devices(table) == "a", "%v: %s", format, devices(table))
		require(streaming.Close() == nil, "close")
	}
}

func managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge() {
	table := made("Device:string, Value:real")
	command(".alter table " + table + " policy streamingingestion enable")
	managed := must(azkustoingest.NewManaged(connection(), into(table)...))
	defer managed.Close()
	must(managed.FromReader(ctx, strings.NewReader("a,1\n"), azkustoingest.FileFormat(azkustoingest.CSV)))
	equal(count(table), int64(1))
	var rows strings.Builder
	for i := range 120_000 {
		fmt.Fprintf(&rows, "%s%s,%d\n", uuid.NewString(), uuid.NewString(), i)
	}
	must(managed.FromReader(ctx, strings.NewReader(rows.String()), azkustoingest.FileFormat(azkustoingest.CSV), azkustoingest.FlushImmediately()))
	arrive(table, 120_001)
}

func managedStreamingQueuesWhatStreamingRefuses() {
	table := made("Device:string, Value:real")
	command(".alter table " + table + " policy streamingingestion disable")
	managed := must(azkustoingest.NewManaged(connection(), into(table)...))
	defer managed.Close()
	must(managed.FromReader(ctx, strings.NewReader("a,1\n"), azkustoingest.FileFormat(azkustoingest.CSV), azkustoingest.FlushImmediately()))
	arrive(table, 1)
}

func queuedTakesFilesStreamsAndBlobs() {
	table := made("Device:string, Value:real")
	queued := must(azkustoingest.New(connection(), into(table)...))
	defer queued.Close()
	folder := must(os.MkdirTemp("", "conshelf-go-"))
	defer os.RemoveAll(folder)
	now, csv := azkustoingest.FlushImmediately(), azkustoingest.FileFormat(azkustoingest.CSV)
	must(queued.FromReader(ctx, strings.NewReader("a,1\n"), csv, now))
	must(queued.FromFile(ctx, file(folder, "rows.csv", []byte("b,2\n")), now))
	must(queued.FromFile(ctx, file(folder, "rows.csv.gz", packed("c,3\n")), now))
	must(queued.FromFile(ctx, file(folder, "more.csv", []byte("d,4\n")), now, azkustoingest.DontCompress()))
	must(queued.FromFile(ctx, uploaded([]byte("e,5\n"), "rows.csv"), csv, now))
	must(queued.FromFile(ctx, uploaded(packed("f,6\n"), "rows.csv.gz"), csv, now))
	must(queued.FromFile(ctx, file(folder, "rows.csv.zip", zipped("g,7\n")), csv, now))
	arrive(table, 7)
	equal(devices(table), "abcdefg")
}

func formatsByTheNamesThatTheClientGivesThem() {
	rows := map[azkustoingest.DataFormat]string{
		azkustoingest.CSV: "a,1\n", azkustoingest.TSV: "a\t1\n", azkustoingest.TSVE: "a\t1\n", azkustoingest.PSV: "a|1\n", azkustoingest.SCSV: "a;1\n",
		azkustoingest.SOHSV: "a\x011\n", azkustoingest.JSON: `{"Device":"a","Value":1}`, azkustoingest.SingleJSON: `{"Device":"a","Value":1}`,
		azkustoingest.MultiJSON: "[{\"Device\":\"a\",\n\"Value\":1}]", azkustoingest.TXT: "a\n", azkustoingest.Raw: "a",
	}
	tables := map[azkustoingest.DataFormat]string{}
	queued := must(azkustoingest.New(connection(), into("none")...))
	defer queued.Close()
	for format, content := range rows {
		tables[format] = made("Device:string, Value:real")
		must(queued.FromReader(ctx, strings.NewReader(content), azkustoingest.Table(tables[format]), azkustoingest.FileFormat(format), azkustoingest.FlushImmediately()))
	}
	for format, name := range written {
		tables[format] = made("Device:string, Value:real")
		must(queued.FromFile(ctx, filepath.Join(os.Getenv("SAMPLES"), name), azkustoingest.Table(tables[format]), azkustoingest.FileFormat(format),
			azkustoingest.FlushImmediately()))
	}
	for format, table := range tables {
		arrive(table, 1)
		require(devices(table) == "a", "%v: %s", format, devices(table))
	}
}

func queuedKnowsMappingsTagsAndWhatWasThereBefore() {
	table := made("Device:string, Value:real")
	queued := must(azkustoingest.New(connection(), into(table)...))
	defer queued.Close()
	now, mapped := azkustoingest.FlushImmediately(), azkustoingest.IngestionMapping(
		`[{"column":"Device","Properties":{"path":"$.text"}},{"column":"Value","Properties":{"path":"$.no"}}]`, azkustoingest.JSON)
	must(queued.FromReader(ctx, strings.NewReader(`{"no":1,"text":"a"}`), mapped, now, azkustoingest.Tags([]string{"ingest-by:first", "drop-by:day1", "own"}),
		azkustoingest.IfNotExists("first")))
	arrive(table, 1)
	must(queued.FromReader(ctx, strings.NewReader(`{"no":2,"text":"b"}`), mapped, now, azkustoingest.IfNotExists("first")))
	must(queued.FromReader(ctx, strings.NewReader("x,y\nc,3\n"), azkustoingest.FileFormat(azkustoingest.CSV), now, azkustoingest.IgnoreFirstRecord(),
		azkustoingest.SetCreationTime(time.Now().Add(-time.Hour))))
	arrive(table, 2)
	equal(devices(table), "ac")
	var tags strings.Builder
	for _, row := range command(".show table " + table + " extents") {
		tags.WriteString(must(row.StringByName("Tags")) + " ")
	}
	for _, tag := range []string{"ingest-by:first", "drop-by:day1", "own"} {
		require(strings.Contains(tags.String(), tag), "%s", tags.String())
	}
}

func theTableTellsHowItEnded() {
	table := made("Device:string, Value:real")
	queued := must(azkustoingest.New(connection(), into(table)...))
	defer queued.Close()
	now, report := azkustoingest.FlushImmediately(), azkustoingest.ReportResultToTable()
	err := end(queued.FromReader(ctx, strings.NewReader("a,1\n"), azkustoingest.FileFormat(azkustoingest.CSV), now, report))
	require(err == nil, "%v", err)
	err = end(queued.FromReader(ctx, strings.NewReader(`{"a":1}`), azkustoingest.IngestionMappingRef("none", azkustoingest.JSON), now, report))
	code, _ := azkustoingest.GetErrorCode(err)
	require(code == "BadRequest_MappingReferenceWasNotFound" && !azkustoingest.IsRetryable(err), "%v", err)
}

// What is streamed and what is queued, at an address of another kind.
func thereAndBack(other string) {
	address = other
	var err error
	client, err = azkustodata.New(connection())
	if !isSecure() && os.Getenv("TOKEN") != "" {
		require(err != nil && strings.Contains(err.Error(), "cannot use token provider with http endpoint"), "%v", err)
		return
	}
	require(err == nil, "%v", err)
	table := made("Device:string, Value:real")
	command(".alter table " + table + " policy streamingingestion enable")
	streaming := must(azkustoingest.NewStreaming(connection(), into(table)...))
	defer streaming.Close()
	csv := azkustoingest.FileFormat(azkustoingest.CSV)
	must(streaming.FromReader(ctx, strings.NewReader("a,1\n"), csv))
	if isSecure() {
		queued := must(azkustoingest.New(connection(), into(table)...))
		defer queued.Close()
		must(queued.FromReader(ctx, strings.NewReader("b,2\n"), csv, azkustoingest.FlushImmediately()))
		arrive(table, 2)
	}
	require(strings.HasPrefix("ab", devices(table)) && devices(table) != "", "%s", devices(table))
}

func main() {
	// To a name that it does not know of the client sends nothing.
	require(trusted.Instance.AddTrustedHosts([]trusted.MatchRule{{Suffix: ".example"}}, false) == nil, "trust")
	client = must(azkustodata.New(connection()))
	checks := []func(){
		everyTypeComesBack, parametersAreBound, aParameterNamesATable, queriesBehindACommandAreResultsOfTheirOwn, aQueryThatIsWrongIsTold, aResultBeyondTheLimitFailsPartially,
		aTimeLimitEndsAQuery, aQueryCanBeCancelled, aContextThatEndsEndsTheQuery, aLargeResultIsStreamed, streamingTakesFilesStreamsAndBlobs, streamingTakesJsonByAMapping,
		streamingTakesFormatsThatAreFiles}
	if isSecure() {
		// The client uploads to https only.
		checks = append(checks, managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge, managedStreamingQueuesWhatStreamingRefuses, queuedTakesFilesStreamsAndBlobs,
			formatsByTheNamesThatTheClientGivesThem, queuedKnowsMappingsTagsAndWhatWasThereBefore, theTableTellsHowItEnded)
	}
	failed := 0
	for _, check := range checks {
		name := runtime.FuncForPC(reflect.ValueOf(check).Pointer()).Name()
		if !strings.Contains(name, os.Getenv("ONLY")) {
			continue
		}
		if err := run(check); err != nil {
			failed++
			fmt.Printf("failed %s\n%v\n", name, err)
		} else {
			fmt.Printf("ok %s\n", name)
		}
	}
	for _, other := range os.Args[3:] {
		name := "main.thereAndBack " + other
		if !strings.Contains(name, os.Getenv("ONLY")) {
			continue
		}
		if err := run(func() { thereAndBack(other) }); err != nil {
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
			err = errors.New(fmt.Sprint(raised))
		}
	}()
	check()
	return nil
}
