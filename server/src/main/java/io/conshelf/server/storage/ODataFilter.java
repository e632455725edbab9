package io.conshelf.server.storage;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/// The `$filter` of an entity query: comparisons of a property with a constant, joined by `and`, `or`, `not` and parentheses.
final class ODataFilter {
    private static final Set<String> OPERATORS = Set.of("eq", "ne", "gt", "ge", "lt", "le");
    private static final int DEPTH_MAX = 100;
    /// The service takes 15.
    private static final int COMPARISONS_MAX = 1_000;

    private final String text;
    private int position;
    private int depth;
    private int comparisons;

    private ODataFilter(String text) {
        this.text = text;
    }

    static Predicate<Entity> parse(String text) {
        if (text.isBlank()) {
            return _ -> true;
        }
        ODataFilter filter = new ODataFilter(text);
        Predicate<Entity> predicate = filter.disjunction();
        filter.skipBlanks();
        if (filter.position < text.length()) {
            throw filter.unexpected("the end");
        }
        return predicate;
    }

    private Predicate<Entity> disjunction() {
        List<Predicate<Entity>> terms = new ArrayList<>(List.of(conjunction()));
        while (takeWord("or")) {
            terms.add(conjunction());
        }
        // In a row: inside each other they would be as deep as there are of them.
        return terms.size() == 1 ? terms.getFirst() : entity -> terms.stream().anyMatch(term -> term.test(entity));
    }

    private Predicate<Entity> conjunction() {
        List<Predicate<Entity>> terms = new ArrayList<>(List.of(negation()));
        while (takeWord("and")) {
            terms.add(negation());
        }
        return terms.size() == 1 ? terms.getFirst() : entity -> terms.stream().allMatch(term -> term.test(entity));
    }

    private Predicate<Entity> negation() {
        if (++depth > DEPTH_MAX) {
            throw invalid("is nested deeper than %d".formatted(DEPTH_MAX));
        }
        try {
            if (takeWord("not")) {
                return negation().negate();
            }
            skipBlanks();
            if (takeCharacter('(')) {
                Predicate<Entity> inner = disjunction();
                skipBlanks();
                if (!takeCharacter(')')) {
                    throw unexpected("a closing parenthesis");
                }
                return inner;
            }
            return comparison();
        } finally {
            depth--;
        }
    }

    private Predicate<Entity> comparison() {
        if (++comparisons > COMPARISONS_MAX) {
            throw invalid("has more than %d comparisons".formatted(COMPARISONS_MAX));
        }
        String property = word("a property's name");
        skipBlanks();
        int start = position;
        String operator = word("a comparison: eq, ne, gt, ge, lt or le");
        if (!OPERATORS.contains(operator)) {
            position = start;
            throw unexpected("a comparison: eq, ne, gt, ge, lt or le");
        }
        EdmValue constant = constant();
        return entity -> value(entity, property)
                .map(value -> holds(operator, value, constant))
                .orElse(false);
    }

    private static Optional<EdmValue> value(Entity entity, String property) {
        return switch (property) {
            case "PartitionKey" -> Optional.of(new EdmValue.Text(entity.key().partitionKey()));
            case "RowKey" -> Optional.of(new EdmValue.Text(entity.key().rowKey()));
            case "Timestamp" -> Optional.of(new EdmValue.DateTime(entity.timestamp()));
            default -> Optional.ofNullable(entity.properties().get(property));
        };
    }

    /// Values of different types are unequal and in no order.
    private static boolean holds(String operator, EdmValue value, EdmValue constant) {
        OptionalInt order = compare(value, constant);
        if (order.isEmpty()) {
            return operator.equals("ne");
        }
        return switch (operator) {
            case "eq" -> order.getAsInt() == 0;
            case "ne" -> order.getAsInt() != 0;
            case "gt" -> order.getAsInt() > 0;
            case "ge" -> order.getAsInt() >= 0;
            case "lt" -> order.getAsInt() < 0;
            case "le" -> order.getAsInt() <= 0;
            default -> throw new AssertionError("parsed as a comparison: " + operator);
        };
    }

    private static OptionalInt compare(EdmValue left, EdmValue right) {
        Optional<BigDecimal> leftNumber = number(left);
        Optional<BigDecimal> rightNumber = number(right);
        if (leftNumber.isPresent() && rightNumber.isPresent()) {
            return OptionalInt.of(leftNumber.get().compareTo(rightNumber.get()));
        }
        if (left instanceof EdmValue.Text(String a) && right instanceof EdmValue.Text(String b)) {
            return OptionalInt.of(a.compareTo(b));
        }
        if (left instanceof EdmValue.Bool(boolean a) && right instanceof EdmValue.Bool(boolean b)) {
            return OptionalInt.of(Boolean.compare(a, b));
        }
        if (left instanceof EdmValue.DateTime(Instant a) && right instanceof EdmValue.DateTime(Instant b)) {
            return OptionalInt.of(a.compareTo(b));
        }
        if (left instanceof EdmValue.Guid(UUID a) && right instanceof EdmValue.Guid(UUID b)) {
            return OptionalInt.of(a.toString().compareTo(b.toString()));
        }
        if (left instanceof EdmValue.Binary(String a) && right instanceof EdmValue.Binary(String b)) {
            return OptionalInt.of(Arrays.compareUnsigned(Base64.getDecoder().decode(a), Base64.getDecoder().decode(b)));
        }
        return OptionalInt.empty();
    }

    private static Optional<BigDecimal> number(EdmValue value) {
        return switch (value) {
            case EdmValue.Int32(int number) -> Optional.of(BigDecimal.valueOf(number));
            case EdmValue.Int64(long number) -> Optional.of(BigDecimal.valueOf(number));
            case EdmValue.Real(double number) when Double.isFinite(number) -> Optional.of(new BigDecimal(number));
            case EdmValue.Real _, EdmValue.Text _, EdmValue.Bool _, EdmValue.DateTime _, EdmValue.Guid _, EdmValue.Binary _ -> Optional.empty();
        };
    }

    private EdmValue constant() {
        skipBlanks();
        int start = position;
        if (position < text.length() && text.charAt(position) == '\'') {
            return new EdmValue.Text(quoted());
        }
        while (position < text.length() && " ()'".indexOf(text.charAt(position)) < 0) {
            position++;
        }
        String word = text.substring(start, position);
        try {
            if (position < text.length() && text.charAt(position) == '\'') {
                String body = quoted();
                return switch (word) {
                    case "datetime" -> new EdmValue.DateTime(ODataJson.dateTime(body));
                    case "guid" -> new EdmValue.Guid(ODataJson.guid(body));
                    case "X", "binary" -> new EdmValue.Binary(
                            Base64.getEncoder().encodeToString(HexFormat.of().parseHex(body)));
                    default -> throw new IllegalArgumentException(word);
                };
            }
            if (word.equals("true") || word.equals("false")) {
                return new EdmValue.Bool(word.equals("true"));
            }
            if (word.endsWith("L")) {
                return new EdmValue.Int64(Long.parseLong(word.substring(0, word.length() - 1)));
            }
            if (word.matches("-?\\d+")) {
                return new EdmValue.Int64(Long.parseLong(word));
            }
            return new EdmValue.Real(Double.parseDouble(word));
        } catch (IllegalArgumentException | DateTimeException _) {
            position = start;
            throw unexpected("a constant: 'text', 1, 1L, 1.5, true, datetime'…', guid'…' or X'…'");
        }
    }

    private String quoted() {
        StringBuilder body = new StringBuilder();
        position++;
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c != '\'') {
                body.append(c);
            } else if (position < text.length() && text.charAt(position) == '\'') {
                body.append('\'');
                position++;
            } else {
                return body.toString();
            }
        }
        throw unexpected("a closing quote");
    }

    private boolean takeWord(String word) {
        skipBlanks();
        int end = position + word.length();
        if (text.startsWith(word, position) && (end == text.length() || !isWordCharacter(text.charAt(end)))) {
            position = end;
            return true;
        }
        return false;
    }

    private String word(String expected) {
        skipBlanks();
        int start = position;
        while (position < text.length() && isWordCharacter(text.charAt(position))) {
            position++;
        }
        if (start == position) {
            throw unexpected(expected);
        }
        return text.substring(start, position);
    }

    private boolean takeCharacter(char c) {
        if (position < text.length() && text.charAt(position) == c) {
            position++;
            return true;
        }
        return false;
    }

    private void skipBlanks() {
        while (position < text.length() && text.charAt(position) == ' ') {
            position++;
        }
    }

    private static boolean isWordCharacter(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private StorageException unexpected(String expected) {
        String found = position < text.length() ? "'" + text.substring(position, Math.min(text.length(), position + 20)) + "'" : "the end";
        return invalid("has %s at character %d, where %s is expected".formatted(found, position + 1, expected));
    }

    private static StorageException invalid(String why) {
        return new StorageException(StorageCode.INVALID_INPUT, "$filter " + why + ".");
    }
}
