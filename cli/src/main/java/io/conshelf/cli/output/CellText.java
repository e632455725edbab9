package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;

/// The text of a cell where there are no types: dynamic values are JSON, nulls are empty.
final class CellText {
    private CellText() {}

    static String of(JsonNode cell) {
        if (cell.isNull()) {
            return "";
        }
        return cell.isValueNode() ? cell.asText() : cell.toString();
    }
}
