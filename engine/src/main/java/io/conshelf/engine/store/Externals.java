package io.conshelf.engine.store;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a database knows of data elsewhere: its external tables, and the exports that go on by themselves.
public record Externals(SortedMap<String, ExternalTable> tablesByName, SortedMap<String, ContinuousExport> exportsByName) {
    static final Externals NONE = new Externals(new TreeMap<>(), new TreeMap<>());

    public Externals {
        tablesByName = Collections.unmodifiableSortedMap(new TreeMap<>(tablesByName));
        exportsByName = Collections.unmodifiableSortedMap(new TreeMap<>(exportsByName));
    }

    /// Names are case-sensitive.
    public Optional<ExternalTable> table(String name) {
        return Optional.ofNullable(tablesByName.get(name));
    }

    public Optional<ContinuousExport> export(String name) {
        return Optional.ofNullable(exportsByName.get(name));
    }

    public Externals with(ExternalTable table) {
        var tables = new TreeMap<>(tablesByName);
        tables.put(table.name(), table);
        return new Externals(tables, exportsByName);
    }

    public Externals withoutTable(String name) {
        var tables = new TreeMap<>(tablesByName);
        tables.remove(name);
        return new Externals(tables, exportsByName);
    }

    public Externals with(ContinuousExport export) {
        var exports = new TreeMap<>(exportsByName);
        exports.put(export.name(), export);
        return new Externals(tablesByName, exports);
    }

    public Externals withoutExport(String name) {
        var exports = new TreeMap<>(exportsByName);
        exports.remove(name);
        return new Externals(tablesByName, exports);
    }
}
