package io.conshelf.processor.jq;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Calculations and comparisons.
final class Operators {
    private Operators() {}

    @FunctionalInterface
    interface Operator {
        Value apply(Run run, Value left, Value right);
    }

    static Operator of(String symbol) {
        return switch (symbol) {
            case "+" -> Operators::add;
            case "-" -> Operators::subtract;
            case "*" -> Operators::multiply;
            case "/" -> Operators::divide;
            case "%" -> Operators::remainder;
            case "==" -> (_, a, b) -> Value.of(Order.equal(a, b));
            case "!=" -> (_, a, b) -> Value.of(!Order.equal(a, b));
            case "<" -> (_, a, b) -> Value.of(Order.compare(a, b) < 0);
            case "<=" -> (_, a, b) -> Value.of(Order.compare(a, b) <= 0);
            case ">" -> (_, a, b) -> Value.of(Order.compare(a, b) > 0);
            case ">=" -> (_, a, b) -> Value.of(Order.compare(a, b) >= 0);
            default -> throw new IllegalArgumentException("no operator: " + symbol);
        };
    }

    static Value add(Run run, Value a, Value b) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.add(a, b);
        }
        if (a instanceof Value.Null) {
            return b;
        }
        if (b instanceof Value.Null) {
            return a;
        }
        if (a instanceof Value.Text(String x) && b instanceof Value.Text(String y)) {
            run.makes(2L * (x.length() + (long) y.length()));
            return new Value.Text(x + y);
        }
        if (a instanceof Value.Items(List<Value> x) && b instanceof Value.Items(List<Value> y)) {
            run.makes(8L * (x.size() + (long) y.size()));
            List<Value> items = new ArrayList<>(x.size() + y.size());
            items.addAll(x);
            items.addAll(y);
            return new Value.Items(items);
        }
        if (a instanceof Value.Members(SequencedMap<String, Value> x) && b instanceof Value.Members(SequencedMap<String, Value> y)) {
            run.makes(48L * (x.size() + (long) y.size()));
            SequencedMap<String, Value> members = new LinkedHashMap<>(x);
            members.putAll(y);
            return new Value.Members(members);
        }
        throw cannot(a, b, "added");
    }

    static Value subtract(Run run, Value a, Value b) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.subtract(a, b);
        }
        if (a instanceof Value.Items(List<Value> x) && b instanceof Value.Items(List<Value> y)) {
            return new Value.Items(x.stream().filter(item -> {
                run.step();
                return y.stream().noneMatch(other -> {
                    run.step();
                    return Order.equal(item, other);
                });
            }).toList());
        }
        throw cannot(a, b, "subtracted");
    }

    static Value multiply(Run run, Value a, Value b) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.multiply(a, b);
        }
        if (a instanceof Value.Text(String text) && Numbers.isNumber(b)) {
            return repeat(run, text, Numbers.real(b));
        }
        if (b instanceof Value.Text(String text) && Numbers.isNumber(a)) {
            return repeat(run, text, Numbers.real(a));
        }
        if (a instanceof Value.Members x && b instanceof Value.Members y) {
            return merge(run, x, y, 0);
        }
        throw cannot(a, b, "multiplied");
    }

    private static Value repeat(Run run, String text, double times) {
        if (!(times > 0)) {
            return Value.NULL;
        }
        run.makes((long) (2.0 * text.length() * Math.max(1, times)));
        return new Value.Text(text.repeat(Math.max(1, (int) times)));
    }

    private static Value merge(Run run, Value.Members a, Value.Members b, int depth) {
        run.step();
        if (depth > run.budget().depth()) {
            throw new Budget.Exceeded("objects lie deeper in one another than " + run.budget().depth());
        }
        SequencedMap<String, Value> members = new LinkedHashMap<>(a.members());
        for (Map.Entry<String, Value> member : b.members().entrySet()) {
            boolean isBoth = member.getValue() instanceof Value.Members && members.get(member.getKey()) instanceof Value.Members;
            members.put(member.getKey(), isBoth
                    ? merge(run, (Value.Members) members.get(member.getKey()), (Value.Members) member.getValue(), depth + 1)
                    : member.getValue());
        }
        return new Value.Members(members);
    }

    static Value divide(Run run, Value a, Value b) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.divide(a, b);
        }
        if (a instanceof Value.Text(String text) && b instanceof Value.Text(String separator)) {
            return split(run, text, separator);
        }
        throw cannot(a, b, "divided");
    }

    static Value split(Run run, String text, String separator) {
        List<Value> parts = new ArrayList<>();
        if (text.isEmpty()) {
            return new Value.Items(parts);
        }
        if (separator.isEmpty()) {
            text.codePoints().forEach(c -> parts.add(new Value.Text(Character.toString(c))));
            return new Value.Items(parts);
        }
        run.compares(text.length(), separator.length());
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
            run.step();
            parts.add(new Value.Text(text.substring(from, at)));
            from = at + separator.length();
        }
        parts.add(new Value.Text(text.substring(from)));
        return new Value.Items(parts);
    }

    static Value remainder(Run run, Value a, Value b) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.remainder(a, b);
        }
        throw cannot(a, b, "divided");
    }

    private static JqException cannot(Value a, Value b, String done) {
        if (a instanceof Value.Binary || b instanceof Value.Binary) {
            return new JqException("jqImproperBinaryUsage: binary values cannot be " + done);
        }
        return new JqException(JqException.shown(a) + " and " + JqException.shown(b) + " cannot be " + done);
    }

    static boolean isTrue(Value value) {
        return !(value instanceof Value.Null) && !(value instanceof Value.Truth(boolean is) && !is);
    }

    /// As `tostring` gives it.
    static String text(Value value) {
        return value instanceof Value.Text(String text) ? text : JsonText.write(value);
    }
}
