package io.conshelf.engine.ingest;

import io.conshelf.engine.orc.OrcVector;
import io.conshelf.kql.value.DynamicText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// One value of an ORC file: a vector and where in it.
record OrcValue(OrcVector vector, int row) {
    boolean isNull() {
        return vector.nulls().get(row);
    }

    /// The value at a path below this one.
    Optional<OrcValue> at(JsonPath path) {
        OrcValue at = this;
        for (JsonPath.Step step : path.steps()) {
            if (at.isNull()) {
                return Optional.empty();
            }
            Optional<OrcValue> next = switch (step) {
                case JsonPath.Step.Name(String name) -> at.field(name);
                case JsonPath.Step.Index(int index) -> at.element(index);
            };
            if (next.isEmpty()) {
                return next;
            }
            at = next.get();
        }
        return Optional.of(at);
    }

    private Optional<OrcValue> field(String name) {
        if (vector instanceof OrcVector.Structs structs) {
            int field = structs.names().indexOf(name);
            return field < 0 ? Optional.empty() : Optional.of(new OrcValue(structs.fields().get(field), row));
        }
        if (vector instanceof OrcVector.Maps maps) {
            for (int i = maps.starts()[row]; i < maps.starts()[row + 1]; i++) {
                if (new OrcValue(maps.keys(), i).key().equals(name)) {
                    return Optional.of(new OrcValue(maps.values(), i));
                }
            }
        }
        return vector instanceof OrcVector.Unions unions ? member(unions).field(name) : Optional.empty();
    }

    private Optional<OrcValue> element(int index) {
        if (vector instanceof OrcVector.Lists lists) {
            int at = lists.starts()[row] + index;
            return at < lists.starts()[row + 1] ? Optional.of(new OrcValue(lists.elements(), at)) : Optional.empty();
        }
        return vector instanceof OrcVector.Unions unions ? member(unions).element(index) : Optional.empty();
    }

    private OrcValue member(OrcVector.Unions unions) {
        return new OrcValue(unions.members().get(unions.tags()[row]), unions.positions()[row]);
    }

    /// Writes it as the cell of a target.
    void write(int target, RowBuilder row, JsonRecords structures) throws IOException {
        if (isNull()) {
            row.setNull(target);
            return;
        }
        switch (vector) {
            case OrcVector.Bools(var _, var values) -> row.bool(target, values.get(this.row));
            case OrcVector.Integers(var _, long[] values) -> row.integer(target, values[this.row]);
            case OrcVector.Reals(var _, double[] values) -> {
                String text = Double.toString(values[this.row]);
                if (Double.isFinite(values[this.row])) {
                    row.number(target, text);
                } else {
                    row.field(target, text);
                }
            }
            case OrcVector.Decimals(var _, var values) -> row.number(target, values[this.row].toPlainString());
            case OrcVector.Moments(var _, long[] ticks) -> row.moment(target, ticks[this.row]);
            case OrcVector.Bytes(var _, byte[][] values, boolean isText) -> {
                if (isText || row.isText(target)) {
                    row.text(target, new String(values[this.row], StandardCharsets.UTF_8));
                } else {
                    structure(target, row, structures);
                }
            }
            case OrcVector.Lists _, OrcVector.Maps _, OrcVector.Structs _ -> structure(target, row, structures);
            case OrcVector.Unions unions -> member(unions).write(target, row, structures);
            case OrcVector.Nothing _ -> row.setNull(target);
        }
    }

    private void structure(int target, RowBuilder row, JsonRecords structures) throws IOException {
        var text = new StringBuilder();
        append(text);
        structures.structure(target, text.toString(), row);
    }

    private String key() {
        if (!isNull() && vector instanceof OrcVector.Bytes(var _, byte[][] values, var _)) {
            return new String(values[row], StandardCharsets.UTF_8);
        }
        var text = new StringBuilder();
        append(text);
        return text.toString();
    }

    /// As part of a dynamic value.
    private void append(StringBuilder text) {
        if (isNull()) {
            text.append("null");
            return;
        }
        switch (vector) {
            case OrcVector.Bools(var _, var values) -> text.append(values.get(row));
            case OrcVector.Integers(var _, long[] values) -> text.append(values[row]);
            case OrcVector.Reals(var _, double[] values) ->
                text.append(Double.isFinite(values[row]) ? Double.toString(values[row]) : "null");
            case OrcVector.Decimals(var _, var values) -> text.append(values[row].toPlainString());
            case OrcVector.Moments(var _, long[] ticks) -> text.append(DynamicText.ofDateTime(ticks[row]));
            case OrcVector.Bytes(var _, byte[][] values, boolean isText) -> {
                if (isText) {
                    DynamicText.appendString(text, new String(values[row], StandardCharsets.UTF_8));
                } else {
                    numbers(text, values[row]);
                }
            }
            case OrcVector.Lists(var _, int[] starts, var elements) -> {
                text.append('[');
                for (int i = starts[row]; i < starts[row + 1]; i++) {
                    text.append(i == starts[row] ? "" : ",");
                    new OrcValue(elements, i).append(text);
                }
                text.append(']');
            }
            case OrcVector.Maps(var _, int[] starts, var keys, var values) -> {
                text.append('{');
                for (int i = starts[row]; i < starts[row + 1]; i++) {
                    text.append(i == starts[row] ? "" : ",");
                    DynamicText.appendKey(text, new OrcValue(keys, i).key());
                    text.append(':');
                    new OrcValue(values, i).append(text);
                }
                text.append('}');
            }
            case OrcVector.Structs(var _, var names, var fields) -> {
                text.append('{');
                for (int i = 0; i < names.size(); i++) {
                    text.append(i == 0 ? "" : ",");
                    DynamicText.appendKey(text, names.get(i));
                    text.append(':');
                    new OrcValue(fields.get(i), row).append(text);
                }
                text.append('}');
            }
            case OrcVector.Unions unions -> member(unions).append(text);
            case OrcVector.Nothing _ -> text.append("null");
        }
    }

    private static void numbers(StringBuilder text, byte[] bytes) {
        text.append('[');
        for (int i = 0; i < bytes.length; i++) {
            text.append(i == 0 ? "" : ",").append(bytes[i] & 0xFF);
        }
        text.append(']');
    }
}
