package io.conshelf.cli;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A pipeline of copies between files and a cluster, for [TrainCommand]: getting ready is most of what a short copy takes.
final class TrainingPipeline {
    private static final int ROWS = 100_000;
    private static final String TABLE = "table";

    /// @param extension of the file
    private record Format(String name, String extension, String more) {}

    private static final Format CSV = new Format("DelimitedText", "csv", ", \"firstRowAsHeader\": true, \"escapeChar\": \"\\\\\"");
    private static final Format JSON = new Format("Json", "json", "");
    private static final Format PARQUET = new Format("Parquet", "parquet", "");

    private TrainingPipeline() {}

    /// Copies into table `T` of the database.
    static void run(Path folder, String url, String database) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("t.csv"), "a,b,t,d\n" + "12345,some text,2024-01-01 10:20:30,\n".repeat(ROWS));
        var factory = folder.resolve("factory");
        write(factory, "linkedService/files", """
                {"name": "files", "properties": {"type": "FileServer", "typeProperties": {"host": ".."}}}""");
        write(factory, "linkedService/cluster", """
                {"name": "cluster", "properties": {"type": "AzureDataExplorer", "typeProperties":
                 {"endpoint": "https://training.westeurope.kusto.windows.net", "database": "%s"}}}""".formatted(database));
        write(factory, "dataset/table", """
                {"name": "table", "properties": {"type": "AzureDataExplorerTable", "typeProperties": {"table": "T"},
                 "linkedServiceName": {"referenceName": "cluster", "type": "LinkedServiceReference"}}}""");
        for (var format : List.of(CSV, JSON, PARQUET)) {
            write(factory, "dataset/" + format.extension(), """
                    {"name": "%1$s", "properties": {"type": "%2$s", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                     "typeProperties": {"location": {"type": "FileServerLocation", "fileName": "t.%1$s"}%3$s}}}"""
                    .formatted(format.extension(), format.name(), format.more()));
        }
        write(factory, "pipeline/p", "{\"name\": \"p\", \"properties\": {\"activities\": [" + String.join(", ",
                intoTable(CSV, List.of()), intoFile(CSV, JSON), intoTable(JSON, List.of("json")), intoFile(CSV, PARQUET),
                intoTable(PARQUET, List.of("parquet"))) + "]}}");
        try (var progress = Terminal.progress()) {
            run(new FactoryRunner(Factory.load(factory), Endpoints.replacedBy(URI.create(url)), progress));
        } catch (InvalidFactoryException e) {
            throw new CommandFailure("training failed: " + e.getMessage(), e);
        }
    }

    private static void run(FactoryRunner runner) throws InvalidFactoryException, InterruptedException {
        var run = runner.start("p", runner.parse("p", Map.of())).await();
        if (!run.isSucceeded()) {
            throw new CommandFailure("training failed: " + run.toJson());
        }
    }

    private static void write(Path factory, String resource, String json) throws IOException {
        var file = factory.resolve(resource + ".json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, json);
    }

    private static String intoTable(Format from, List<String> after) {
        return copy(from.extension() + "-in", from, TABLE, "AzureDataExplorerSink\", \"flushImmediately\": \"true", after);
    }

    private static String intoFile(Format from, Format to) {
        return copy(to.extension(), from, to.extension(), to.name() + "Sink", List.of());
    }

    private static String copy(String name, Format from, String to, String sink, List<String> after) {
        var dependencies = String.join(", ", after.stream()
                .map(activity -> "{\"activity\": \"%s\", \"dependencyConditions\": [\"Succeeded\"]}".formatted(activity)).toList());
        return """
                {"name": "%s", "type": "Copy", "dependsOn": [%s], "typeProperties": {"source": {"type": "%sSource"}, "sink": {"type": "%s"}},
                 "inputs": [{"referenceName": "%s", "type": "DatasetReference"}], "outputs": [{"referenceName": "%s", "type": "DatasetReference"}]}"""
                .formatted(name, dependencies, from.name(), sink, from.extension(), to);
    }
}
