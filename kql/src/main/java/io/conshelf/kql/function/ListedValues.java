package io.conshelf.kql.function;

import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The elements of a dynamic array, and those of arrays in it, as `in` and its kin look values up in them: numbers by value, everything
/// else as what it is. They answer as the same array does where it is a constant, which the binder takes apart.
///
/// Only an array has elements; its nulls are equal to nothing.
final class ListedValues {
    private static final ListKernels<ListedValues> LISTS = new ListKernels<>(ListedValues::new);
    private static final ListKernels<Set<String>> LOWERED = new ListKernels<>(ListedValues::lowered);

    static final List<Kernel> KERNELS = List.of(
            LISTS.ofEach("kql_in_text", BOOL, STRING, (list, in, row, out) -> out.bool(row, list.texts.contains(in.text(0, row)))),
            LISTS.ofOne("kql_in_text_of", BOOL, STRING, (list, in, row, out) -> out.bool(row, list.texts.contains(in.text(0, row)))),
            LISTS.ofEach("kql_in_value", BOOL, DYNAMIC, (list, in, row, out) -> out.bool(row, list.has(in.text(0, row)))),
            LISTS.ofOne("kql_in_value_of", BOOL, DYNAMIC, (list, in, row, out) -> out.bool(row, list.has(in.text(0, row)))),
            LISTS.ofEach("kql_in_dynamic", BOOL, DYNAMIC, (list, in, row, out) -> out.bool(row, list.hasLike(in.text(0, row)))),
            LISTS.ofOne("kql_in_dynamic_of", BOOL, DYNAMIC, (list, in, row, out) -> out.bool(row, list.hasLike(in.text(0, row)))),
            LOWERED.ofEach("kql_in_lowered", BOOL, STRING, (list, in, row, out) -> out.bool(row, list.contains(TermList.lower(in.text(0, row))))),
            LOWERED.ofOne("kql_in_lowered_of", BOOL, STRING, (list, in, row, out) -> out.bool(row, list.contains(TermList.lower(in.text(0, row))))));

    /// Strings as they are.
    private final Set<String> texts = new HashSet<>();
    /// Everything else, by what values that are equal have in common.
    private final Set<Object> keys = new HashSet<>();

    private ListedValues(String array) {
        if (DynamicParts.isArray(array)) {
            add(array);
        }
    }

    private void add(String array) {
        for (String element : DynamicParts.elements(array)) {
            if (DynamicParts.isArray(element)) {
                add(element);
            } else if (element.charAt(0) == '"' && DynamicText.tag(element) == 0) {
                DynamicText.stringValue(element).ifPresent(texts::add);
            } else if (!element.equals(DynamicParts.NULL)) {
                keys.add(key(element));
            }
        }
    }

    private static Set<String> lowered(String array) {
        var lowered = new HashSet<String>();
        new ListedValues(array).texts.forEach(text -> lowered.add(TermList.lower(text)));
        return lowered;
    }

    /// The call of one of the kernels, which is false of nulls.
    static Expr member(String name, boolean negated, String kernel, List<Expr> args) {
        String template = (negated ? "NOT " : "") + "coalesce(" + ListKernels.template(kernel, args.getLast()) + ", false)";
        return new Expr.Call(name, new Lowering.Sql(template), args, BOOL);
    }

    /// The same of a dynamic, whose null is as an empty text, as where it is compared with one.
    static Expr memberOfDynamic(String name, boolean negated, List<Expr> args) {
        var value = new Expr.Call("coalesce", new Lowering.Sql("coalesce({0}, '" + DynamicParts.NULL + "')"), List.of(args.getFirst()), DYNAMIC);
        return member(name, negated, "kql_in_dynamic", List.of(value, args.getLast()));
    }

    private static Object key(String value) {
        if (DynamicText.tag(value) != 'd') {
            return DynamicOrder.key(value);
        }
        var decimal = new BigDecimal(DynamicText.payload(value));
        double real = decimal.doubleValue();
        if (Math.abs(real) >= DynamicOrder.DOUBLES_APART) {
            return decimal.stripTrailingZeros().toPlainString();
        }
        return new BigDecimal(Double.toString(real)).compareTo(decimal) == 0 ? DynamicOrder.key(real) : value;
    }

    /// Whether it has a value that is neither string nor dynamic, written as dynamic.
    private boolean has(String value) {
        return switch (DynamicText.tag(value)) {
            // Arrays have timespans as ticks too.
            case 's' -> keys.contains(key(value)) || keys.contains(key(DynamicText.payload(value)));
            case 0 -> value.charAt(0) == '"' ? hasInfinity(StringKernels.text(value)) : keys.contains(key(value));
            default -> keys.contains(key(value));
        };
    }

    /// Whether it has a real that is no number of JSON, for which arrays have its text. NaN is equal to nothing.
    private boolean hasInfinity(String real) {
        double value = ConversionKernels.readReal(real).orElse(Double.NaN);
        return Double.isInfinite(value) && (texts.contains(real) || keys.contains(DynamicOrder.key(value)));
    }

    /// Whether it has what a dynamic is equal to, which is compared with each element as a value of the element's type.
    private boolean hasLike(String value) {
        // The text of a null is empty.
        if (value.equals(DynamicParts.NULL)) {
            return texts.contains("");
        }
        if (!texts.isEmpty() && texts.contains(StringKernels.text(value))) {
            return true;
        }
        if (keys.isEmpty()) {
            return false;
        }
        var real = ConversionKernels.dynamicReal(value);
        if (keys.contains(key(value)) || real.isPresent() && keys.contains(DynamicOrder.key(real.getAsDouble()))) {
            return true;
        }
        var truth = ConversionKernels.dynamicBool(value);
        if (truth.isPresent() && keys.contains(truth.get().toString())) {
            return true;
        }
        var moment = ConversionKernels.dynamicDateTime(value);
        if (moment.isPresent() && keys.contains(DynamicText.ofDateTime(moment.getAsLong()))) {
            return true;
        }
        var span = ConversionKernels.dynamicTimeSpan(value);
        if (span.isPresent() && keys.contains(DynamicText.ofTimeSpan(span.getAsLong()))) {
            return true;
        }
        return ConversionKernels.dynamicGuid(value).filter(guid -> keys.contains(DynamicText.ofGuid(guid))).isPresent();
    }
}
