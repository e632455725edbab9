package io.conshelf.connectors.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.sql.SqlRanges.Span;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.Types;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The statements that are written without a server, those of SQL Server above all.
class SqlTextTest {
    private static List<String> conditions(long lower, long upper, int count) {
        return SqlRanges.conditions("[ID]", RangeBound.NUMBER, SqlRanges.borders(lower, upper, count));
    }

    @Test
    void statedBoundsDivideAsTheDocumentationSays() {
        assertThat(conditions(20, 80, 4)).containsExactly("([ID] <= 20 OR [ID] IS NULL)", "([ID] > 20 AND [ID] <= 50)", "([ID] > 50 AND [ID] <= 80)", "([ID] > 80)");
        assertThat(conditions(20, 80, 2)).containsExactly("([ID] <= 50 OR [ID] IS NULL)", "([ID] > 50)");
        assertThat(conditions(20, 80, 1)).containsExactly("(1 = 1)");
        assertThat(conditions(7, 7, 8)).containsExactly("([ID] <= 7 OR [ID] IS NULL)", "([ID] > 7)");
    }

    @Test
    void foundBoundsDivideEvenlyAndTheFilteringFormBySpans() {
        assertThat(SqlRanges.bordersWithin(1, 100, 4)).containsExactly(25L, 50L, 75L);
        assertThat(SqlRanges.bordersWithin(1, 2, 10)).containsExactly(1L);
        assertThat(SqlRanges.spans(1, 80, 4)).containsExactly(new Span(1, 20), new Span(21, 40), new Span(41, 60), new Span(61, 80));
        assertThat(SqlRanges.bordersWithin(Long.MIN_VALUE / 4, Long.MAX_VALUE / 4, 2)).hasSize(1);
    }

    @Test
    void boundsAreReadAndWrittenByTheirKind() throws StoreException {
        for (String text : List.of("2024-01-02", "2024-01-02 00:00", "2024-01-02T00:00:00Z", "2024-01-02 02:00:00+02", "2024-01-02 02:00:00 +02:00")) {
            assertThat(RangeBound.MOMENT.literal(RangeBound.MOMENT.parse(text))).as(text).isEqualTo("'2024-01-02 00:00:00.000000'");
        }
        assertThat(RangeBound.DAY.literal(RangeBound.DAY.parse("2024-02-29"))).isEqualTo("'2024-02-29'");
        assertThat(RangeBound.TIME_OF_DAY.literal(RangeBound.TIME_OF_DAY.parse("23:59:59.5"))).isEqualTo("'23:59:59.500'");
        assertThat(RangeBound.NUMBER.parse("20.7")).isEqualTo(20);
        assertThatThrownBy(() -> RangeBound.NUMBER.parse("1; DROP TABLE t")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> RangeBound.MOMENT.parse("yesterday")).isInstanceOf(StoreException.class);
    }

    @Test
    void tableNamesAreReadWithTheirQuotes() throws StoreException {
        assertThat(SqlTableName.parse("dbo.Orders")).isEqualTo(new SqlTableName(Optional.of("dbo"), "Orders", true, true));
        assertThat(SqlTableName.parse("[dbo].[Order.Lines]]]")).isEqualTo(new SqlTableName(Optional.of("dbo"), "Order.Lines]", false, false));
        assertThat(SqlTableName.parse("\"My \"\"own\"\"\"")).isEqualTo(new SqlTableName(Optional.empty(), "My \"own\"", false, false));
        for (String wrong : List.of("", "a.b.c", "\"open", "\"a\"b", "a..b")) {
            assertThatThrownBy(() -> SqlTableName.parse(wrong)).as(wrong).isInstanceOf(StoreException.class);
        }
    }

    @Test
    void proceduresOfSqlServerAreCalledWithLiterals() {
        Map<String, SqlParameter> parameters = new LinkedHashMap<>();
        parameters.put("stringData", new SqlParameter(Optional.of("it's"), Optional.empty()));
        parameters.put("@identifier", new SqlParameter(Optional.of("1"), Optional.of("Int")));
        parameters.put("gone", new SqlParameter(Optional.empty(), Optional.of("DateTime")));
        assertThat(SqlProcedure.sqlServerText("dbo.usp_sample", parameters))
                .isEqualTo("EXEC [dbo].[usp_sample] @stringData = N'it''s', @identifier = 1, @gone = NULL");
        assertThatThrownBy(() -> SqlProcedure.sqlServerText("p", Map.of("a", new SqlParameter(Optional.of("1; DROP TABLE t"), Optional.of("Int")))))
                .hasMessageContaining("no value of type Int");
        assertThatThrownBy(() -> SqlProcedure.sqlServerName("a = 1; --")).hasMessageContaining("not the name of a parameter");
        assertThat(SqlServerBatch.callText(new SqlWrite.Procedure("CopyTestStoredProcedureWithParameters", "MyTableType", "MyTable",
                Map.of("identifier", new SqlParameter(Optional.of("1"), Optional.of("Int"))))))
                .isEqualTo("EXEC [CopyTestStoredProcedureWithParameters] @MyTable = ?, @identifier = 1");
    }

    @Test
    void upsertsOfSqlServerMerge() {
        SqlTable table = new SqlTable(SqlDialect.SQL_SERVER, "dbo", "Marketing", List.of());
        List<TableColumn> columns = List.of(new TableColumn("ProfileID", Types.INTEGER, "int"), new TableColumn("State", Types.NVARCHAR, "nvarchar"));
        assertThat(SqlServerBatch.interimText("#i", table, columns)).isEqualTo("SELECT [ProfileID], [State] INTO #i FROM [dbo].[Marketing] WHERE 1 = 0 "
                + "UNION ALL SELECT [ProfileID], [State] FROM [dbo].[Marketing] WHERE 1 = 0");
        assertThat(SqlServerBatch.mergeText("#i", new SqlSink.Target(table, List.of(), columns, List.of("ProfileID")))).isEqualTo(
                "MERGE INTO [dbo].[Marketing] WITH (HOLDLOCK) AS t USING #i AS s ON t.[ProfileID] = s.[ProfileID] WHEN MATCHED THEN UPDATE SET "
                        + "t.[State] = s.[State] WHEN NOT MATCHED THEN INSERT ([ProfileID], [State]) VALUES (s.[ProfileID], s.[State]);");
    }

    @Test
    void tablesAreMadeWithTheTypesOfTheirColumns() {
        List<Column> columns = List.of(new Column("a]b", ValueType.STRING), new Column("n", ValueType.DECIMAL), new Column("t", ValueType.DATETIME));
        assertThat(SqlTable.createText(SqlDialect.SQL_SERVER, SqlTableName.of("dbo", "T"), columns))
                .isEqualTo("CREATE TABLE [dbo].[T] ([a]]b] nvarchar(max), [n] decimal(38,17), [t] datetime2(7))");
        assertThat(SqlTable.createText(SqlDialect.POSTGRESQL, SqlTableName.of("", "T"), columns))
                .isEqualTo("CREATE TABLE \"T\" (\"a]b\" text, \"n\" numeric, \"t\" timestamp with time zone)");
    }

    @Test
    void theTableOfTakenBatchesIsMadeInBothLanguages() {
        assertThat(new TakenBatches(SqlDialect.SQL_SERVER, "[dbo].[conshelf_batches]").createText()).isEqualTo("CREATE TABLE [dbo].[conshelf_batches] "
                + "(batch varchar(64) NOT NULL PRIMARY KEY, into_table nvarchar(600) NOT NULL, row_count bigint NOT NULL, "
                + "taken_at datetime2(3) NOT NULL DEFAULT SYSUTCDATETIME())");
        assertThat(new TakenBatches(SqlDialect.POSTGRESQL, "\"s\".\"conshelf_batches\"").createText()).startsWith("CREATE TABLE \"s\".\"conshelf_batches\" "
                + "(batch varchar(64) PRIMARY KEY, ");
        assertThat(TakenBatches.none(SqlDialect.POSTGRESQL).areNoted()).isFalse();
    }

    @Test
    void typesOfSqlServerAreKnown() {
        Map<Integer, ValueType> types = Map.of(Types.BIT, ValueType.BOOL, Types.TINYINT, ValueType.INT, Types.BIGINT, ValueType.LONG, Types.DOUBLE,
                ValueType.REAL, Types.DECIMAL, ValueType.DECIMAL, Types.TIMESTAMP, ValueType.DATETIME, Types.TIME, ValueType.TIMESPAN, Types.VARBINARY,
                ValueType.STRING, -155, ValueType.DATETIME, Types.NVARCHAR, ValueType.STRING);
        types.forEach((jdbc, type) -> assertThat(SqlColumns.column(SqlDialect.SQL_SERVER, new TableColumn("c", jdbc, "x")).type()).isEqualTo(type));
        assertThat(SqlColumns.column(SqlDialect.SQL_SERVER, new TableColumn("c", Types.CHAR, "uniqueidentifier")).type()).isEqualTo(ValueType.GUID);
    }

    @Test
    void parametersOfScriptsStandWhereTheyAreMeant() {
        Map<String, String> values = Map.of("a", "'x'", "n", "1");
        assertThat(ScriptText.replace("SELECT @a, :n, @ab, '@a', \"@a\", E'\\'@a', x::int, $q$ @a $q$, $1, a@b -- @a\n/* @a /* :n */ */ + :n", values))
                .isEqualTo("SELECT 'x', 1, @ab, '@a', \"@a\", E'\\'@a', x::int, $q$ @a $q$, $1, a@b -- @a\n/* @a /* :n */ */ + 1");
        assertThat(ScriptText.replace("SELECT '@a", values)).isEqualTo("SELECT '@a");
    }

    @Test
    void scriptsOfSqlServerDeclareTheirParameters() {
        SqlScript script = new SqlScript("SELECT @a", List.of(
                new SqlScript.Parameter("a", new SqlParameter(Optional.of("1"), Optional.of("Int32")), SqlScript.Direction.INPUT, Optional.empty()),
                new SqlScript.Parameter("@b", new SqlParameter(Optional.empty(), Optional.of("String")), SqlScript.Direction.OUTPUT, Optional.of(256))),
                Duration.ofMinutes(1));
        assertThat(script.sqlServerDeclarations()).isEqualTo("@a int, @b nvarchar(256) OUTPUT");
    }
}
