package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.DynamicValue;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.RealText;
import java.util.List;

/// Writes what stands in `dynamic(…)` as the text of a dynamic value.
final class DynamicLiterals {
    private DynamicLiterals() {}

    static void write(DynamicValue value, StringBuilder out) {
        switch (value) {
            case Syntax.DynamicObject object -> object(object.properties(), out);
            case Syntax.DynamicArray array -> array(array.items(), out);
            case Syntax.DynamicScalar scalar -> scalar(scalar.literal(), out);
        }
    }

    private static void object(List<Syntax.DynamicProperty> properties, StringBuilder out) {
        out.append('{');
        for (int i = 0; i < properties.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            DynamicText.appendKey(out, properties.get(i).name());
            out.append(':');
            write(properties.get(i).value(), out);
        }
        out.append('}');
    }

    private static void array(List<DynamicValue> items, StringBuilder out) {
        out.append('[');
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            write(items.get(i), out);
        }
        out.append(']');
    }

    private static void scalar(Syntax.Literal literal, StringBuilder out) {
        switch (literal) {
            case Syntax.BoolLiteral it -> out.append(it.value());
            case Syntax.IntLiteral it -> out.append(it.value());
            case Syntax.LongLiteral it -> out.append(it.value());
            case Syntax.RealLiteral it -> real(it.value(), out);
            case Syntax.StringLiteral it -> quote(it.value(), out);
            case Syntax.DynamicLiteral it -> write(it.value(), out);
            case Syntax.NullLiteral _, Syntax.MalformedLiteral _, Syntax.TypeofLiteral _ -> out.append("null");
            case Syntax.DecimalLiteral it -> out.append(DynamicText.ofDecimal(it.value()));
            case Syntax.DatetimeLiteral it -> out.append(DynamicText.ofDateTime(it.ticks()));
            // Its ticks, by recorded answers, where pack_array() keeps the timespan.
            case Syntax.TimespanLiteral it -> out.append(it.ticks());
            case Syntax.GuidLiteral it -> out.append(DynamicText.ofGuid(it.value()));
        }
    }

    /// JSON has no number for what is infinite or none, so that is a text, as of a real that becomes dynamic.
    private static void real(double value, StringBuilder out) {
        if (Double.isFinite(value)) {
            out.append(DynamicText.ofReal(value));
        } else {
            quote(RealText.format(value, true), out);
        }
    }

    private static void quote(String text, StringBuilder out) {
        DynamicText.appendString(out, text);
    }
}
