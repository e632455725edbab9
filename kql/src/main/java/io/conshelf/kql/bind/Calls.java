package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.function.AggregateFunction;
import io.conshelf.kql.function.BadArgument;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Conversions;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Parameter;
import io.conshelf.kql.function.ScalarFunction;
import io.conshelf.kql.function.Signature;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// Binds calls: decides which function is meant, checks and converts the arguments, names the result.
final class Calls {
    private static final Set<Type> TEXT = Set.of(Type.STRING);

    private final Binder binder;
    private final SpecialForms forms;

    Calls(Binder binder) {
        this.binder = binder;
        forms = new SpecialForms(binder);
    }

    Meaning call(Syntax.FunctionCall call, Env env) {
        String name = call.function().text();
        Span at = call.function().span();
        Optional<Meaning> declared = env.scope().find(name);
        if (declared.isPresent() && declared.get() instanceof Meaning.Function function) {
            return binder.functions.call(function, call.arguments(), at, call.span(), env);
        }
        if (declared.isPresent() && declared.get() instanceof Meaning.Pattern pattern) {
            return binder.patterns.call(pattern, call, Optional.empty(), env);
        }
        if (declared.isPresent() && call.arguments().isEmpty() && declared.get() instanceof Meaning.Rows rows) {
            return binder.entities.reference(rows);
        }
        Optional<Meaning> special = binder.pipelines.graphs().functions().call(call, env).or(() -> forms.call(call, env));
        if (special.isPresent()) {
            return special.get();
        }
        if (env.extra().kind() == Calculations.Kind.AGGREGATES && Catalogue.aggregate(name).isPresent()) {
            return aggregate(call, env);
        }
        Optional<ScalarFunction> scalar = Catalogue.scalar(name);
        if (scalar.isPresent()) {
            return scalar(scalar.get(), call, env);
        }
        boolean scalarHere = env.extra().kind() != Calculations.Kind.AGGREGATES && Catalogue.isDocumentedScalar(name);
        if (!scalarHere && isAggregate(name)) {
            return aggregate(call, env);
        }
        if (Catalogue.isDocumentedScalar(name)) {
            return notBuilt(call, env);
        }
        return binder.entities.function(env.scope().database(), name, at)
                .map(function -> binder.functions.call(function, call.arguments(), at, call.span(), env))
                .orElseGet(() -> {
                    Meaning unknown = binder.fail(Messages.unknownFunction(at, name));
                    // It may be meant for an aggregate, whose arguments are of the rows.
                    Env inside = env.extra().kind() == Calculations.Kind.AGGREGATES ? env.with(Calculations.none()) : env;
                    call.arguments().forEach(argument -> binder.expressions.any(argument, inside));
                    return unknown;
                });
    }

    // ---------------------------------------------------------------- built-in functions

    private Meaning scalar(ScalarFunction function, Syntax.FunctionCall call, Env env) {
        Optional<List<Scalar>> arguments = arguments(call, env);
        if (arguments.isEmpty()) {
            boolean anyCount = function.signatures().stream().anyMatch(s -> s.parametersFor(call.arguments().size()).isPresent());
            return anyCount ? new Meaning.Failed() : binder.fail(wrongCount(function.name(), function.signatures(), call));
        }
        List<Expr> values = values(arguments.get());
        if (values.isEmpty() && !call.arguments().isEmpty()) {
            // pack_array(*) where there are no columns.
            return Scalar.unnamed(new Expr.Constant(Type.DYNAMIC, "[]"));
        }
        try {
            Choice choice = choose(function.signatures(), values);
            if (!(choice instanceof Chosen) && choose(function.signatures(), values, Texts.OF_DYNAMIC_TOO) instanceof Chosen chosen) {
                choice = chosen;
            }
            return scalar(function, choice, arguments.get(), call, env);
        } catch (BadArgument bad) {
            return binder.fail(Messages.error(place(bad, call), bad.getMessage()));
        }
    }

    private Meaning scalar(
            ScalarFunction function, Choice choice, List<Scalar> arguments, Syntax.FunctionCall call, Env env) {
        return switch (choice) {
            case Chosen chosen when chosen.signature.lowering() instanceof Lowering.Columns(Lowering.Expander expander) ->
                    new Meaning.Tuple(expander.expand(chosen.arguments, arguments.stream().map(Scalar::name).toList()).stream()
                            .map(column -> Scalar.named(column.value(), column.name()))
                            .toList());
            case Chosen chosen when chosen.signature.lowering() instanceof Lowering.Form(Lowering.SpecialForm form)
                    && form == Lowering.SpecialForm.ASSERT -> new Assertions(binder).check(chosen.arguments, call);
            case Chosen chosen -> {
                if (looksAtNeighbours(chosen) && !windowAllowed(env)) {
                    yield binder.fail(Messages.notSerialized(call.function().span(), function.name()));
                }
                Expr result = lower(function.name(), chosen, env);
                yield new Scalar(result, ResultNames.of(function, arguments), isSameColumn(function, result, arguments));
            }
            case WrongCount _ -> binder.fail(wrongCount(function.name(), function.signatures(), call));
            case WrongArgument wrong when wrong.constantMissing && binder.isUndecided(values(arguments).get(wrong.index)) ->
                    new Meaning.Failed();
            case WrongArgument wrong -> binder.fail(wrongArgument(function.name(), wrong, call, types(arguments)));
            case UnlikeTypes unlike -> binder.fail(unlike(function.name(), unlike, call));
        };
    }

    private static Span place(BadArgument bad, Syntax.FunctionCall call) {
        var literals = call.arguments().stream().filter(Syntax.StringLiteral.class::isInstance).map(Syntax.StringLiteral.class::cast).toList();
        return literals.stream().filter(literal -> literal.value().equals(bad.culprit())).findFirst()
                .or(() -> literals.stream().findFirst())
                .map(Expression::span).orElse(call.function().span());
    }

    private static List<Type> types(List<Scalar> arguments) {
        return arguments.stream().map(Scalar::type).toList();
    }

    private static List<Expr> values(List<Scalar> arguments) {
        return arguments.stream().map(Scalar::expr).toList();
    }

    /// A column converted to the type it has is the column, which may not be named twice: `project tolong(l), l`. What else
    /// changes nothing is not: `project round(l), l`.
    private static boolean isSameColumn(ScalarFunction function, Expr result, List<Scalar> arguments) {
        return function.name().startsWith("to") && arguments.size() == 1 && arguments.getFirst().declared() && arguments.getFirst().expr().equals(result);
    }

    private static boolean windowAllowed(Env env) {
        return env.extra().kind() == Calculations.Kind.WINDOWS;
    }

    private static boolean looksAtNeighbours(Chosen chosen) {
        return chosen.signature.lowering() instanceof Lowering.Window
                || chosen.signature.lowering() instanceof Lowering.Rewrite(Lowering.Rewriter rewriter)
                        && ExprWalk.anyAround(chosen.arguments, rewriter.rewrite(chosen.arguments), Calls::isWindow);
    }

    private static boolean isWindow(Expr expr) {
        return expr instanceof Expr.Call call && call.lowering() instanceof Lowering.Window;
    }

    private Expr lower(String name, Chosen chosen, Env env) {
        Type type = chosen.type();
        return switch (chosen.signature.lowering()) {
            case Lowering.Rewrite(Lowering.Rewriter rewriter) ->
                    ExprWalk.mapAround(chosen.arguments, rewriter.rewrite(chosen.arguments),
                            part -> isWindow(part) ? env.extra().add(binder, part) : withNow(part));
            case Lowering.Window window ->
                    env.extra().add(binder, new Expr.Call(name, window, chosen.arguments, type));
            case Lowering.Intrinsic intrinsic -> withNow(new Expr.Call(name, intrinsic, chosen.arguments, type));
            case Lowering.Sql sql -> new Expr.Call(name, sql, chosen.arguments, type);
            case Lowering.Form form -> new Expr.Call(name, form, chosen.arguments, type);
            // Where one value is wanted it is the first.
            case Lowering.Columns(Lowering.Expander expander) -> expander
                    .expand(chosen.arguments, chosen.arguments.stream().map(_ -> "").toList()).getFirst().value();
        };
    }

    /// The time of the request is known while binding.
    private Expr withNow(Expr expr) {
        return expr instanceof Expr.Call call
                && call.lowering() instanceof Lowering.Intrinsic(Lowering.IntrinsicFunction function)
                && function == Lowering.IntrinsicFunction.NOW && call.arguments().isEmpty()
                ? new Expr.Constant(Type.DATETIME, binder.settings.now()) : expr;
    }

    /// A documented function that has no declaration yet: refused by name; its arguments are checked all the same.
    private Meaning notBuilt(Syntax.FunctionCall call, Env env) {
        Optional<List<Scalar>> arguments = arguments(call, env);
        binder.refuse(call.function().span(), call.function().text() + "()");
        if (arguments.isEmpty()) {
            return new Meaning.Failed();
        }
        List<Scalar> parts = documented(DocumentedFunctions.function(call.function().text(), arguments.get()), call, types(arguments.get()));
        return switch (parts.size()) {
            case 0 -> new Meaning.Failed();
            case 1 -> parts.getFirst();
            default -> new Meaning.Tuple(parts);
        };
    }

    /// The columns of a call that is only documented; none after an error.
    List<Scalar> documented(DocumentedFunctions.Answer answer, Syntax.FunctionCall call, List<Type> types) {
        String name = call.function().text();
        return switch (answer) {
            case DocumentedFunctions.Fits(List<Scalar> columns) -> columns;
            case DocumentedFunctions.Unknown _ -> List.of(Scalar.unnamed(new Expr.Null(Type.DYNAMIC)));
            case DocumentedFunctions.WrongCount(String wanted) -> {
                binder.report(Messages.wrongArgumentCount(call.function().span(), name, wanted, call.arguments().size()));
                yield List.of();
            }
            case DocumentedFunctions.WrongArgument(int index, String wanted) -> {
                binder.report(Messages.wrongValue(blamed(name, index, call, types), name, index + 1, wanted));
                yield List.of();
            }
        };
    }

    /// A built-in that must exist for these types, called by the binder itself; empty, with a refusal, where it doesn't.
    Optional<Expr> builtin(String name, List<Expr> arguments, Span at, Env env) {
        Optional<Expr> call = tryBuiltin(name, arguments);
        if (call.isEmpty()) {
            if (isBuiltin(name)) {
                binder.report(Messages.noSuchOperator(at, env.operator(), name, arguments.stream().map(Expr::type).toList()));
                return Optional.empty();
            }
            binder.refuse(at, name);
            List<Scalar> values = arguments.stream().map(Scalar::unnamed).toList();
            return Optional.of(DocumentedFunctions.function(name, values) instanceof DocumentedFunctions.Fits(List<Scalar> columns)
                    ? columns.getFirst().expr() : new Expr.Null(OperatorTypes.guess(name, arguments)));
        }
        return call;
    }

    Optional<Expr> tryBuiltin(String name, List<Expr> arguments) {
        return Catalogue.scalar(name).flatMap(function -> choose(function.signatures(), arguments) instanceof Chosen chosen
                ? Optional.of(lower(name, chosen, Env.of(Scope.of("")))) : Optional.empty());
    }

    boolean isBuiltin(String name) {
        return Catalogue.scalar(name).isPresent();
    }

    Expr convert(Expr value, Type type) {
        if (value.type() == type) {
            return value;
        }
        return ConstantConversion.convert(value, type).orElseGet(() -> Conversions.convert(value, type));
    }

    // ---------------------------------------------------------------- aggregates

    private Meaning aggregate(Syntax.FunctionCall call, Env env) {
        String name = call.function().text();
        if (env.extra().kind() != Calculations.Kind.AGGREGATES) {
            return binder.fail(Messages.aggregateNotAllowed(call.function().span(), name));
        }
        List<Scalar> parts = new Aggregates(binder).bind(call, env);
        return switch (parts.size()) {
            // take_any(*) where every column is a key has none.
            case 0 -> call.arguments().size() == 1 && call.arguments().getFirst() instanceof Syntax.Star
                    ? new Meaning.Tuple(parts) : new Meaning.Failed();
            case 1 -> parts.getFirst();
            default -> new Meaning.Tuple(parts);
        };
    }

    // ---------------------------------------------------------------- arguments

    private Optional<List<Scalar>> arguments(Syntax.FunctionCall call, Env env) {
        List<Scalar> values = new ArrayList<>();
        boolean failed = false;
        for (Expression argument : call.arguments()) {
            if (argument instanceof Syntax.Star && call.function().text().equals("pack_array")) {
                Optional<List<Column>> all = binder.expressions.allColumns(argument.span(), env);
                all.orElse(List.of()).forEach(column -> values.add(Scalar.column(column)));
                failed |= all.isEmpty();
                continue;
            }
            Optional<Scalar> value = binder.expressions.scalar(argument, env);
            value.ifPresent(values::add);
            failed |= value.isEmpty();
        }
        return failed ? Optional.empty() : Optional.of(values);
    }

    sealed interface Choice {}

    record Chosen(Signature signature, List<Expr> arguments) implements Choice {
        Type type() {
            return signature.returns().of(arguments.stream().map(Expr::type).toList());
        }
    }

    record WrongCount() implements Choice {}

    /// @param accepts the types that the signatures take there which take all arguments before it
    record WrongArgument(int index, Parameter parameter, Set<Type> accepts, Type type, boolean constantMissing) implements Choice {
        WrongArgument or(WrongArgument other) {
            if (other.index != index || constantMissing || other.constantMissing) {
                return other.index > index ? other : this;
            }
            Set<Type> both = EnumSet.copyOf(accepts);
            both.addAll(other.accepts);
            return new WrongArgument(index, parameter, both, type, false);
        }
    }

    /// An argument whose type is not that of the others of its kind.
    ///
    /// @param ofBranches of values one of which is chosen
    record UnlikeTypes(int index, Type first, Type type, boolean ofBranches) implements Choice {}

    /// The first signature that takes these arguments; otherwise the argument that the best of them stumbles over.
    Choice choose(List<Signature> signatures, List<Expr> arguments) {
        return choose(signatures, arguments, Texts.AS_GIVEN);
    }

    /// What is taken where a text is wanted.
    private enum Texts {
        AS_GIVEN,
        /// A dynamic that is computed as well, as the service does with what functions are given.
        OF_DYNAMIC_TOO
    }

    private Choice choose(List<Signature> signatures, List<Expr> arguments, Texts texts) {
        Choice best = new WrongCount();
        for (Signature signature : signatures) {
            Choice choice = fit(signature, arguments, texts);
            if (choice instanceof Chosen || choice instanceof UnlikeTypes) {
                return choice;
            }
            if (choice instanceof WrongArgument wrong) {
                best = best instanceof WrongArgument before ? before.or(wrong) : wrong;
            }
        }
        return best;
    }

    private Choice fit(Signature signature, List<Expr> arguments, Texts texts) {
        Optional<List<Parameter>> parameters = signature.parametersFor(arguments.size());
        if (parameters.isEmpty()) {
            return new WrongCount();
        }
        List<Expr> all = new ArrayList<>();
        for (int i = 0; i < parameters.get().size(); i++) {
            Parameter parameter = parameters.get().get(i);
            if (i >= arguments.size()) {
                all.add(parameter.fallback().orElseThrow());
                continue;
            }
            Expr argument = arguments.get(i);
            if (texts == Texts.OF_DYNAMIC_TOO && argument.type() == Type.DYNAMIC && parameter.accepts().equals(TEXT) && !ExprWalk.isConstant(argument)) {
                argument = convert(argument, Type.STRING);
            }
            if (!parameter.accepts().contains(argument.type())) {
                return new WrongArgument(i, parameter, parameter.accepts(), argument.type(), false);
            }
            Optional<Expr> allowed = switch (parameter.fixed()) {
                case NOT -> Optional.of(argument);
                case FOR_ALL_ROWS -> Optional.of(argument).filter(ExprWalk::isIndependent);
                case CONSTANT -> binder.constant(argument);
                case LITERAL -> Optional.of(argument).filter(ExprWalk::isConstant);
            };
            if (allowed.isEmpty()) {
                return new WrongArgument(i, parameter, parameter.accepts(), argument.type(), true);
            }
            all.add(allowed.get());
        }
        return converted(signature, parameters.get(), all);
    }

    private Choice converted(Signature signature, List<Parameter> parameters, List<Expr> arguments) {
        Optional<Type> widest = shared(parameters, arguments, Parameter.Use.AsWidestNumber.class)
                .map(CommonType::widest);
        Optional<List<Type>> commons = shared(parameters, arguments, Parameter.Use.AsCommon.class);
        Optional<Type> common = commons.flatMap(CommonType::alike);
        Optional<List<Type>> branchTypes = shared(parameters, arguments, Parameter.Use.AsCommonOrDynamic.class);
        Optional<Type> branches = branchTypes.flatMap(CommonType::alikeBranches);
        List<Expr> all = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            Expr argument = arguments.get(i);
            Parameter parameter = parameters.get(i);
            if (parameter.use() instanceof Parameter.Use.AsCommon && common.isEmpty()) {
                Type first = commons.orElseThrow().getFirst();
                if (CommonType.alike(List.of(first, argument.type())).isEmpty()) {
                    return new UnlikeTypes(i, first, argument.type(), false);
                }
            }
            if (parameter.use() instanceof Parameter.Use.AsCommonOrDynamic && branches.isEmpty()) {
                Type first = branchTypes.orElseThrow().stream().filter(type -> type != Type.DYNAMIC).findFirst().orElseThrow();
                if (CommonType.alikeBranches(List.of(first, argument.type())).isEmpty()) {
                    return new UnlikeTypes(i, first, argument.type(), true);
                }
                all.add(argument);
                continue;
            }
            all.add(switch (parameter.use()) {
                case Parameter.Use.AsIs _, Parameter.Use.AsTypeName _ -> argument;
                case Parameter.Use.As(Type type) -> convert(argument, type);
                case Parameter.Use.AsWidestNumber _ -> convert(argument, widest.orElseThrow());
                case Parameter.Use.AsCommon _ -> convert(argument, common.orElse(argument.type()));
                case Parameter.Use.AsCommonOrDynamic _ -> convert(argument, branches.orElseThrow());
            });
        }
        return new Chosen(signature, all);
    }

    private static Optional<List<Type>> shared(List<Parameter> parameters, List<Expr> arguments,
            Class<? extends Parameter.Use> use) {
        List<Type> types = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            if (use.isInstance(parameters.get(i).use())) {
                types.add(arguments.get(i).type());
            }
        }
        return types.isEmpty() ? Optional.empty() : Optional.of(types);
    }

    // ---------------------------------------------------------------- what is wrong

    io.conshelf.kql.syntax.Diagnostic wrongCount(String name, List<Signature> signatures, Syntax.FunctionCall call) {
        int min = signatures.stream().mapToInt(Signature::argumentsMin).min().orElse(0);
        boolean many = signatures.stream().anyMatch(signature -> signature.repeated() > 0);
        int max = signatures.stream().mapToInt(signature -> signature.parameters().size()).max().orElse(0);
        // case() and bag_pack() take pairs: of four arguments, three or five are meant.
        int group = signatures.stream().mapToInt(Signature::repeated).max().orElse(0);
        String wanted = group > 1 ? min + ", " + (min + group) + ", " + (min + 2 * group) + " … arguments"
                : many ? "at least " + plural(min) : min == max ? plural(min) : min + " to " + plural(max);
        return Messages.wrongArgumentCount(call.function().span(), name, wanted, call.arguments().size());
    }

    /// The service tells of a branch that does not fit where it stands, of others at the function.
    static io.conshelf.kql.syntax.Diagnostic unlike(String name, UnlikeTypes unlike, Syntax.FunctionCall call) {
        // Beside a dynamic all are wanted to be dynamic.
        int other = unlike.type == Type.DYNAMIC && !unlike.ofBranches ? 0 : unlike.index;
        boolean isTold = unlike.ofBranches || unlike.first == Type.DYNAMIC || unlike.type == Type.DYNAMIC;
        return isTold ? Messages.unlikeTypes(call.arguments().get(other).span(), name, unlike.first, other == 0 ? "another" : "this", unlike.type)
                : Messages.unlikeTypes(call.function().span(), name, unlike.first, "another", unlike.type);
    }

    static String plural(int count) {
        return count == 1 ? "1 argument" : count + " arguments";
    }

    io.conshelf.kql.syntax.Diagnostic wrongArgument(String name, WrongArgument wrong, Syntax.FunctionCall call,
            List<Type> types) {
        Span at = wrong.constantMissing ? call.arguments().get(wrong.index).span() : blamed(name, wrong.index, call, types);
        return wrong.constantMissing
                ? Messages.constantArgument(at, name, wrong.parameter.name())
                : Messages.wrongArgument(at, name, wrong.parameter.name(), describe(wrong.accepts()), wrong.type);
    }

    private static Span blamed(String name, int stumble, Syntax.FunctionCall call, List<Type> types) {
        OptionalInt index = DocumentedFunctions.blamed(name, types, stumble);
        return index.isPresent() && index.getAsInt() < call.arguments().size()
                ? call.arguments().get(index.getAsInt()).span() : call.function().span();
    }

    private static String describe(Set<Type> types) {
        if (types.equals(EnumSet.of(Type.INT, Type.LONG))) {
            return "an integer";
        }
        if (types.equals(EnumSet.of(Type.INT, Type.LONG, Type.REAL, Type.DECIMAL))) {
            return "a number";
        }
        return types.stream().sorted().map(Type::toString).collect(Collectors.joining(" or "));
    }

    /// Columns that a call reads, for checks of operators.
    static Optional<Column> column(Expr expr) {
        return expr instanceof Expr.Ref(Column column) ? Optional.of(column) : Optional.empty();
    }

    static boolean isAggregate(String name) {
        return Catalogue.aggregate(name).map(AggregateFunction::name).isPresent() || Catalogue.isDocumentedAggregate(name);
    }
}
