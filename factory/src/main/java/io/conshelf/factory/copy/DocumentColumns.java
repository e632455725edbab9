package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The columns of documents that state none: the properties of all of them, in the order in which they are first met, and of each the
/// narrowest type that holds every value as it is.
final class DocumentColumns {
    /// Beyond it, not every whole number is a double.
    private static final long EXACT_MAX = 1L << 53;

    private final Map<String, Seen> properties = new LinkedHashMap<>();

    /// What values a property has.
    private static final class Seen {
        private boolean hasWhole;
        private boolean hasLarge;
        private boolean hasReal;
        private boolean hasBool;
        private boolean hasOther;

        private void add(JsonNode value) {
            if (value.isBoolean()) {
                hasBool = true;
            } else if (value.isIntegralNumber() && value.canConvertToLong()) {
                hasWhole = true;
                hasLarge |= value.longValue() > EXACT_MAX || value.longValue() < -EXACT_MAX;
            } else if (value.isNumber() && isExact(value.decimalValue())) {
                hasReal = true;
            } else if (!value.isNull()) {
                hasOther = true;
            }
        }

        private static boolean isExact(BigDecimal value) {
            double nearest = value.doubleValue();
            return Double.isFinite(nearest) && BigDecimal.valueOf(nearest).compareTo(value) == 0;
        }

        private ValueType type() {
            if (hasOther || hasBool && (hasWhole || hasReal) || hasReal && hasLarge) {
                return ValueType.STRING;
            }
            return hasReal ? ValueType.REAL : hasWhole ? ValueType.LONG : hasBool ? ValueType.BOOL : ValueType.STRING;
        }
    }

    void add(ObjectNode document) {
        document.properties().forEach(property -> properties.computeIfAbsent(property.getKey(), _ -> new Seen()).add(property.getValue()));
    }

    List<Column> columns() {
        return properties.entrySet().stream().map(property -> new Column(property.getKey(), property.getValue().type())).toList();
    }
}
