package io.conshelf.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Changes of a schema, one after the other, and what the schema must be after each: a kill may come before or after the one
/// that was under way, and nowhere else. No change takes back what the one before it made: the loss of that one would look
/// like success of this one.
final class SchemaLoad {
    private static final List<String> FIRST = List.of("Batch:long", "N:int", "Text:string");

    private Expected certain = new Expected(FIRST, 0, 0, 0, List.of());
    private Change underWay = new Change("", certain);
    private int step;
    private int doneUnanswered;

    /// What clients see of the schema.
    private record Expected(List<String> columns, int function, int mapping, int caching, List<String> tables) {}

    private record Change(String command, Expected after) {}

    void run(Wire wire) throws IOException {
        while (true) {
            underWay = next();
            wire.command(underWay.command());
            certain = underWay.after();
            step++;
        }
    }

    private Change next() {
        int n = step / 8;
        var columns = new ArrayList<>(certain.columns());
        return switch (step % 8) {
            case 0 -> {
                columns.add("c" + n + ":long");
                yield columns(".alter-merge table Wide (c" + n + ":long)", columns);
            }
            case 1 -> {
                columns.replaceAll(column -> column.equals("c" + n + ":long") ? "r" + n + ":long" : column);
                yield columns(".rename column Wide.c" + n + " to r" + n, columns);
            }
            case 2 -> new Change(".create-or-alter function F() { " + n + " }",
                    new Expected(certain.columns, n, certain.mapping, certain.caching, certain.tables));
            case 3 -> new Change(".create-or-alter table Wide ingestion csv mapping 'M' '[{\"Column\":\"N\",\"Properties\":{\"Ordinal\":\""
                            + n + "\"}}]'",
                    new Expected(certain.columns, certain.function, n, certain.caching, certain.tables));
            case 4 -> new Change(".alter table Wide policy caching hot = " + (n + 1) + "d",
                    new Expected(certain.columns, certain.function, certain.mapping, n + 1, certain.tables));
            case 5 -> tables(".create table X" + n + " (a:long)", List.of("X" + n));
            case 6 -> {
                columns.remove("r" + n + ":long");
                yield columns(".drop column Wide.r" + n, columns);
            }
            case 7 -> tables(".drop table X" + n, List.of());
            default -> throw new AssertionError(step);
        };
    }

    private Change columns(String command, List<String> columns) {
        return new Change(command, new Expected(columns, certain.function, certain.mapping, certain.caching, certain.tables));
    }

    private Change tables(String command, List<String> tables) {
        return new Change(command, new Expected(certain.columns, certain.function, certain.mapping, certain.caching, tables));
    }

    /// That the schema is one of the two it can be; goes on from there.
    void check(Wire wire) throws IOException {
        Expected found = found(wire);
        assertThat(found).as("the schema after %d changes", step).isIn(certain, underWay.after());
        if (!found.equals(certain)) {
            certain = found;
            step++;
            doneUnanswered++;
        }
    }

    private static Expected found(Wire wire) throws IOException {
        String schema = wire.command(".show table Wide cslschema | project Schema").getFirst().getFirst();
        var functions = wire.command(".show functions | where Name == 'F' | project Body");
        var mappings = wire.command(".show table Wide ingestion csv mappings | project Mapping");
        var caching = wire.command(".show table Wide policy caching | project Policy").getFirst().getFirst();
        var tables = wire.command(".show tables | where TableName startswith 'X' | project TableName");
        return new Expected(
                List.of(schema.split(",")),
                functions.isEmpty() ? 0 : number(functions.getFirst().getFirst(), "\\D"),
                mappings.isEmpty() ? 0 : number(mappings.getFirst().getFirst(), "(?s).*Ordinal\":\\s*\"?|\\D.*"),
                caching.contains("DataHotSpan") ? number(caching, "(?s).*DataHotSpan\":(?:\\{\"Value\":)?\\s*\"|\\..*") : 0,
                tables.stream().map(List::getFirst).toList());
    }

    private static int number(String text, String around) {
        return Integer.parseInt(text.replaceAll(around, ""));
    }

    int steps() {
        return step;
    }

    /// Changes that were made although a kill cut off their answer.
    int doneUnanswered() {
        return doneUnanswered;
    }
}
