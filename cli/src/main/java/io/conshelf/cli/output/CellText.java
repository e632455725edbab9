package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;

/// The text of a cell where there are no types: dynamic values are JSON, nulls are empty.
final class CellText {
    private static final int PLAIN_SCALE_MAX = 20;

    private CellText() {}

    static String of(JsonNode cell) {
        if (cell.isNull()) {
            return "";
        }
        if (cell.isBigDecimal()) {
            var number = cell.decimalValue();
            // People read 10, not 1E+1; a very large or small number is better off with its exponent.
            return Math.abs(number.scale()) <= PLAIN_SCALE_MAX ? number.toPlainString() : number.toString();
        }
        return cell.isValueNode() ? cell.asText() : cell.toString();
    }
}
