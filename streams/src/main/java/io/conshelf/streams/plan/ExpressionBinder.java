package io.conshelf.streams.plan;

import io.conshelf.connectors.definition.Spelling;
import io.conshelf.streams.expression.DatePart;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expression.BinaryOperator;
import io.conshelf.streams.expression.Expression.Type;
import io.conshelf.streams.expression.Function;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Expr;
import io.conshelf.streams.query.Syntax.Name;
import io.conshelf.streams.query.Syntax.Quoting;
import io.conshelf.streams.value.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// Binds the names of expressions.
final class ExpressionBinder {
    /// What a simple CASE compares is bound for every branch, and an alias wherever HAVING names it: nested in one another they would never end.
    private static final int SIZE_MAX = 1_000_000;

    private final Problems problems;
    private final QueryContext context;
    private final Names names;
    private int size;

    ExpressionBinder(Problems problems, QueryContext context, Names names) {
        this.problems = problems;
        this.context = context;
        this.names = names;
    }

    List<Expression> all(List<Expr> exprs) {
        return exprs.stream().map(this::bind).toList();
    }

    Expression bind(Expr expr) {
        if (++size > SIZE_MAX) {
            if (size == SIZE_MAX + 1) {
                problems.error(expr.span(), "the expressions of this statement come to more than %d parts", SIZE_MAX);
            }
            return Problems.nothing(expr.span());
        }
        return switch (expr) {
            case Syntax.Literal(Value value, Span span) -> new Expression.Literal(value, span);
            case Syntax.Named(Name name, Span span) -> names.path(List.of(name), span);
            case Syntax.Member member -> member(member);
            case Syntax.Call call -> call(call);
            case Syntax.Star(Span span) -> problems.refused(span, "'*' can stand alone in SELECT and in COUNT(*), LAG(*) and LAST(*)");
            case Syntax.Unary(var operator, Expr of, Span span) -> new Expression.Unary(operator, bind(of), span);
            case Syntax.Binary(var operator, Expr left, Expr right, Span span) -> isComparison(operator)
                    ? new Expression.Binary(operator, left instanceof Syntax.Literal ? bind(left) : compared(left, right), left instanceof Syntax.Literal
                            ? bind(right) : perhapsText(right), span)
                    : new Expression.Binary(operator, bind(left), bind(right), span);
            case Syntax.Like(Expr of, Expr pattern, Span span) -> new Expression.Like(bind(of), perhapsText(pattern), span);
            case Syntax.Between(Expr of, Expr low, Expr high, Span span) -> new Expression.Between(bind(of), perhapsText(low), perhapsText(high), span);
            case Syntax.In(Expr of, var among, Span span) -> new Expression.In(bind(of), among.stream().map(this::perhapsText).toList(), span);
            case Syntax.IsNull(Expr of, Span span) -> new Expression.IsNull(bind(of), span);
            case Syntax.Case cases -> cases(cases);
            case Syntax.Cast(Expr of, Syntax.TypeName to, var onFailure, Span span) -> {
                Expression bound = bind(of);
                yield type(to).<Expression>map(type -> new Expression.Cast(bound, type, onFailure, span)).orElseGet(() -> Problems.nothing(span));
            }
        };
    }

    Optional<Type> type(Syntax.TypeName name) {
        Optional<Type> type = Type.named(name.text());
        if (type.isEmpty()) {
            problems.error(name.span(), "'%s' is not a type; types are bigint, float, nvarchar(max), datetime, bit, record and array", name.text());
        }
        return type;
    }

    // "text" = column is the other way round
    private Expression compared(Expr left, Expr right) {
        return right instanceof Syntax.Named(Name name, _) && name.quoting() != Quoting.DOUBLE_QUOTES ? perhapsText(left) : bind(left);
    }

    /// Double quotes are for names, but published queries write texts in them, too: where a value is compared, or the property of a record is
    /// named, and nothing has the name, a text it is.
    private Expression perhapsText(Expr expr) {
        if (expr instanceof Syntax.Named(Name name, Span span) && name.quoting() == Quoting.DOUBLE_QUOTES && !names.isKnown(name)) {
            problems.warning(span, "\"%s\" is read as a text; write '%s', or [%s] for a column", name.text(), name.text(), name.text());
            return new Expression.Literal(new Value.Text(name.text()), span);
        }
        return bind(expr);
    }

    private static boolean isComparison(BinaryOperator operator) {
        return switch (operator) {
            case EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> true;
            case ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, BIT_AND, BIT_OR, BIT_XOR, AND, OR -> false;
        };
    }

    private Expression cases(Syntax.Case cases) {
        List<Expression.Branch> branches = new ArrayList<>();
        for (Syntax.When branch : cases.branches()) {
            Expression when = cases.operand().<Expression>map(operand -> new Expression.Binary(BinaryOperator.EQUAL, bind(operand),
                    perhapsText(branch.when()), branch.when().span())).orElseGet(() -> bind(branch.when()));
            branches.add(new Expression.Branch(when, perhapsText(branch.then())));
        }
        return new Expression.Case(branches, cases.otherwise().map(this::perhapsText).orElseGet(() -> Problems.nothing(cases.span())), cases.span());
    }

    // ---------------------------------------------------------------- paths

    private Expression member(Syntax.Member member) {
        Deque<Name> parts = new ArrayDeque<>();
        Expr of = member;
        while (of instanceof Syntax.Member(Expr inner, Name part, _)) {
            parts.addFirst(part);
            of = inner;
        }
        if (of instanceof Syntax.Named(Name root, _)) {
            parts.addFirst(root);
            return names.path(List.copyOf(parts), member.span());
        }
        if (of instanceof Syntax.Call call && call.text().equalsIgnoreCase("System.Window")) {
            if (parts.size() == 1 && parts.getFirst().text().equalsIgnoreCase("Id")) {
                return names.windowId(member.span());
            }
            return problems.refused(member.span(), "System.Window() has nothing but Id");
        }
        return members(bind(of), List.copyOf(parts), problems);
    }

    static Expression members(Expression of, List<Name> parts, Problems problems) {
        Expression bound = of;
        for (Name part : parts) {
            if (part.quoting() == Quoting.BRACKETS && !part.text().isEmpty() && part.text().chars().allMatch(c -> c >= '0' && c <= '9')) {
                if (part.text().length() > 9) {
                    return problems.refused(part.span(), "[%s] is beyond the end of any array", part.text());
                }
                bound = new Expression.Element(bound, Integer.parseInt(part.text()), part.span());
            } else {
                bound = new Expression.Field(bound, part.text(), part.span());
            }
        }
        return bound;
    }

    // ---------------------------------------------------------------- calls

    private Expression call(Syntax.Call call) {
        String name = call.text().toLowerCase(Locale.ROOT);
        Span span = call.span();
        if (name.equals("system.timestamp")) {
            return call.arguments().isEmpty() ? names.timestamp(span) : problems.refused(span, "System.Timestamp() takes no arguments");
        }
        if (name.equals("system.window")) {
            return problems.refused(span, "System.Window() can be used as System.Window().Id only");
        }
        Optional<Expression> special = names.special(call);
        if (special.isPresent()) {
            return special.get();
        }
        if (call.over().isPresent()) {
            return problems.refused(call.over().get().span(), "%s is not an aggregate or analytic function: OVER cannot stand behind it", call.text());
        }
        if (name.startsWith("udf.") && call.name().size() == 2) {
            return context.scalar(call.name().getLast().text())
                    .<Expression>map(known -> new Expression.UserCall(known, call.arguments().stream().map(this::whole).toList(), span))
                    .orElseGet(() -> problems.refused(span, "the job has no function '%s'%s", call.text(), Spelling.hint("udf.", context.scalars(), call.name().getLast().text())));
        }
        return builtIn(call);
    }

    private Expression builtIn(Syntax.Call call) {
        String name = call.text();
        if (call.name().size() > 1 && context.takesPrefixes()) {
            name = call.name().getLast().text();
        }
        Optional<Function> found = Catalogue.scalar(name);
        if (found.isEmpty() && call.name().size() == 2 && context.takesPrefixes() && context.scalar(name).isPresent()) {
            // 'system.' as well as any other prefix
            return new Expression.UserCall(context.scalar(name).get(), call.arguments().stream().map(this::whole).toList(), call.span());
        }
        if (found.isEmpty()) {
            return problems.refused(call.span(), "there is no function '%s'%s", call.text(), call.name().size() > 1 ? "; functions of the job are called udf.name"
                    : Spelling.nearest(Catalogue.names(), call.text()).map(meant -> "; did you mean '" + meant + "'?").orElse(""));
        }
        Function function = found.get();
        int given = call.arguments().size();
        if (given < function.argumentsMin() || given > function.argumentsMax()) {
            return problems.refused(call.span(), "%s takes %s, found %d", function.name(), count(function), given);
        }
        List<Expression> arguments = new ArrayList<>();
        for (int i = 0; i < given; i++) {
            arguments.add(switch (Catalogue.argument(function, i)) {
                case VALUE -> bind(call.arguments().get(i));
                case RECORD -> whole(call.arguments().get(i));
                case PROPERTY -> perhapsText(call.arguments().get(i));
                case TIME -> time(call.arguments().get(i));
                case DATE_PART -> datePart(call.arguments().get(i), function.name());
                case INPUT -> input(call.arguments().get(i), function.name());
            });
        }
        return new Expression.Call(function.name(), arguments, call.span());
    }

    private static String count(Function function) {
        if (function.argumentsMax() == Integer.MAX_VALUE) {
            return function.argumentsMin() + " arguments or more";
        }
        return function.argumentsMin() == function.argumentsMax() ? function.argumentsMin() + (function.argumentsMin() == 1 ? " argument" : " arguments")
                : function.argumentsMin() + " to " + function.argumentsMax() + " arguments";
    }

    /// A source's name as an argument is its event.
    Expression whole(Expr argument) {
        if (argument instanceof Syntax.Named(Name name, _)) {
            Optional<Expression> record = names.record(name);
            if (record.isPresent()) {
                return record.get();
            }
        }
        return bind(argument);
    }

    private Expression time(Expr argument) {
        if (argument instanceof Syntax.Named(Name name, _)) {
            Optional<Expression> time = names.time(name);
            if (time.isPresent()) {
                return time.get();
            }
        }
        return bind(argument);
    }

    private Expression datePart(Expr argument, String function) {
        String word = switch (argument) {
            case Syntax.Named(Name name, _) -> name.text();
            case Syntax.Literal(Value.Text(String text), _) -> text;
            default -> "";
        };
        return DatePart.named(word).<Expression>map(part -> new Expression.Literal(new Value.Text(part.name().toLowerCase(Locale.ROOT).replace("_", "")),
                argument.span()))
                .orElseGet(() -> problems.refused(argument.span(), "the first argument of %s is a part of a date, such as second, minute, hour or day", function));
    }

    private Expression input(Expr argument, String function) {
        if (argument instanceof Syntax.Named(Name name, _)) {
            Optional<Expression> record = names.record(name);
            if (record.isPresent()) {
                return record.get();
            }
        }
        return problems.refused(argument.span(), "the first argument of %s is the name of a source of FROM", function);
    }

    // ---------------------------------------------------------------- constants

    /// What arithmetic of whole numbers comes to; empty where it is something else.
    static OptionalLong constant(Syntax expr) {
        try {
            return switch (expr) {
                case Syntax.Literal(Value.BigInt(long number), _) -> OptionalLong.of(number);
                case Syntax.Unary(var operator, Expr of, _) when operator == Expression.UnaryOperator.MINUS -> {
                    OptionalLong value = constant(of);
                    yield value.isEmpty() ? value : OptionalLong.of(Math.negateExact(value.getAsLong()));
                }
                case Syntax.Binary(var operator, Expr left, Expr right, _) -> {
                    OptionalLong a = constant(left);
                    OptionalLong b = constant(right);
                    yield a.isEmpty() || b.isEmpty() ? OptionalLong.empty() : switch (operator) {
                        case ADD -> OptionalLong.of(Math.addExact(a.getAsLong(), b.getAsLong()));
                        case SUBTRACT -> OptionalLong.of(Math.subtractExact(a.getAsLong(), b.getAsLong()));
                        case MULTIPLY -> OptionalLong.of(Math.multiplyExact(a.getAsLong(), b.getAsLong()));
                        case DIVIDE -> b.getAsLong() == 0 ? OptionalLong.empty() : OptionalLong.of(a.getAsLong() / b.getAsLong());
                        case REMAINDER, BIT_AND, BIT_OR, BIT_XOR, EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, AND, OR ->
                            OptionalLong.empty();
                    };
                }
                default -> OptionalLong.empty();
            };
        } catch (ArithmeticException tooLarge) {
            return OptionalLong.empty();
        }
    }
}
