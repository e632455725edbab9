package io.conshelf.cli.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A factory with a folder `in` of many files, whose copy writes each file apart because its name is one of the columns.
record ManyFiles(Path folder) {
    /// Files `0.csv`, `1.csv` … with the column `id`, from 0 on in each.
    static ManyFiles in(Path folder, int files, int rows) throws IOException {
        StringBuilder text = new StringBuilder("id\n");
        for (int row = 0; row < rows; row++) {
            text.append(row).append('\n');
        }
        ManyFiles factory = new ManyFiles(folder);
        for (int file = 0; file < files; file++) {
            factory.write("in/" + file + ".csv", text.toString());
        }
        factory.write("linkedService/files.json", """
                {"name": "files", "properties": {"type": "FileServer", "typeProperties": {"host": "."}}}""");
        factory.write("dataset/csv.json", """
                {"name": "csv", "properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "in"}, "firstRowAsHeader": true}}}""");
        return factory;
    }

    /// Where the files go: pipeline `p` copies them one after another into a table that has the columns `id` and `file`.
    ManyFiles into(String linkedService, String datasetType, String table, String sink) throws IOException {
        write("linkedService/target.json", "{\"name\": \"target\", \"properties\": " + linkedService + "}");
        write("dataset/table.json", """
                {"name": "table", "properties": {"type": "%s", "linkedServiceName": {"referenceName": "target", "type": "LinkedServiceReference"},
                 "typeProperties": {"table": "%s"}}}""".formatted(datasetType, table));
        write("pipeline/p.json", """
                {"name": "p", "properties": {"activities": [{"name": "C", "type": "Copy",
                 "inputs": [{"referenceName": "csv", "type": "DatasetReference"}], "outputs": [{"referenceName": "table", "type": "DatasetReference"}],
                 "typeProperties": {"source": {"type": "DelimitedTextSource", "additionalColumns": [{"name": "file", "value": "$$FILEPATH"}]},
                  "sink": %s, "parallelCopies": 1}}]}}""".formatted(sink));
        return this;
    }

    private void write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
