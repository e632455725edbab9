package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The words in which built-in functions are declared; see the package's page for how to add one.
///
/// ```
/// scalar("strlen", NAME_AND_FIRST_ARGUMENT, "The number of characters.",
///         takes(stringOrDynamic("source")).returns(LONG).sql("length({0})"))
/// ```
final class Declare {
    private static final Set<Type> NUMBERS = EnumSet.of(Type.INT, Type.LONG, Type.REAL, Type.DECIMAL);

    private Declare() {}

    static ScalarFunction scalar(String name, ResultName resultName, String summary, Signature... signatures) {
        return new ScalarFunction(name, resultName, name, summary, List.of(signatures));
    }

    /// A scalar function whose automatic column name begins with another word than its name.
    static ScalarFunction scalar(
            String name, ResultName resultName, String prefix, String summary, Signature... signatures) {
        return new ScalarFunction(name, resultName, prefix, summary, List.of(signatures));
    }

    static AggregateFunction aggregate(String name, String prefix, String summary, Signature... signatures) {
        return aggregate(name, prefix, summary, AggregateFunction.Output.ONE, signatures);
    }

    static AggregateFunction aggregate(
            String name, String prefix, String summary, AggregateFunction.Output output, Signature... signatures) {
        return new AggregateFunction(
                name, ResultName.PREFIX_AND_FIRST_ARGUMENT, prefix, summary, output, List.of(signatures));
    }

    /// An aggregate whose column is named after its argument alone.
    static AggregateFunction namedAfterArgument(
            String name, String summary, AggregateFunction.Output output, Signature... signatures) {
        return new AggregateFunction(name, ResultName.FIRST_ARGUMENT, name, summary, output, List.of(signatures));
    }

    static Parameters takes(Parameter... parameters) {
        return new Parameters(List.of(parameters), 0, 0);
    }

    /// The parameters of a signature; next comes what it returns.
    record Parameters(List<Parameter> list, int repeated, int tail) {
        /// The last parameter may repeat.
        Parameters repeatingLast() {
            return new Parameters(list, 1, 0);
        }

        /// The last parameters may repeat as a group.
        Parameters repeatingLast(int count) {
            return new Parameters(list, count, 0);
        }

        /// The parameters before the last one may repeat as a group.
        Parameters repeatingBeforeLast(int count) {
            return new Parameters(list, count, 1);
        }

        Returning returns(Type type) {
            return new Returning(this, Signature.ReturnType.fixed(type));
        }

        /// Returns the type of one of its arguments, after conversion.
        Returning returnsArgument(int index) {
            return new Returning(this, Signature.ReturnType.argument(index));
        }
    }

    /// Parameters and result type; next comes how it is run, which completes the signature.
    record Returning(Parameters parameters, Signature.ReturnType returns) {
        Signature by(Lowering lowering) {
            return new Signature(parameters.list, parameters.repeated, parameters.tail, returns, lowering);
        }

        Signature sql(String template) {
            return by(new Lowering.Sql(template));
        }

        Signature rewrite(Lowering.Rewriter rewriter) {
            return by(new Lowering.Rewrite(rewriter));
        }

        /// Makes several columns; the result type is that of the first.
        Signature columns(Lowering.Expander expander) {
            return by(new Lowering.Columns(expander));
        }

        Signature window(String template) {
            return by(new Lowering.Window(template));
        }

        Signature intrinsic(Lowering.IntrinsicFunction function) {
            return by(new Lowering.Intrinsic(function));
        }

        Signature form(Lowering.SpecialForm form) {
            return by(new Lowering.Form(form));
        }
    }

    // Parameters. Each takes the documented name.

    static Parameter bool(String name) {
        return Parameter.asIs(name, Set.of(Type.BOOL));
    }

    /// An int or a long; the lowering sees a long.
    static Parameter integer(String name) {
        return Parameter.asIs(name, Set.of(Type.INT, Type.LONG)).as(Type.LONG);
    }

    /// Any number, with its own type.
    static Parameter number(String name) {
        return Parameter.asIs(name, NUMBERS);
    }

    /// Any number; the lowering sees a real.
    static Parameter numberAsReal(String name) {
        return number(name).as(Type.REAL);
    }

    /// Any number; all of them become the widest among them.
    static Parameter widest(String name) {
        return number(name).with(new Parameter.Use.AsWidestNumber());
    }

    static Parameter datetime(String name) {
        return Parameter.asIs(name, Set.of(Type.DATETIME));
    }

    static Parameter timespan(String name) {
        return Parameter.asIs(name, Set.of(Type.TIMESPAN));
    }

    static Parameter guid(String name) {
        return Parameter.asIs(name, Set.of(Type.GUID));
    }

    static Parameter string(String name) {
        return Parameter.asIs(name, Set.of(Type.STRING));
    }

    /// A string or a dynamic; the lowering sees its text.
    static Parameter stringOrDynamic(String name) {
        return Parameter.asIs(name, Set.of(Type.STRING, Type.DYNAMIC)).as(Type.STRING);
    }

    /// Anything; the lowering sees its text.
    static Parameter anyAsString(String name) {
        return Parameter.any(name).as(Type.STRING);
    }

    /// Anything; the lowering sees a dynamic.
    static Parameter anyAsDynamic(String name) {
        return Parameter.any(name).as(Type.DYNAMIC);
    }

    static Parameter dynamic(String name) {
        return Parameter.asIs(name, Set.of(Type.DYNAMIC));
    }

    /// Exactly one of these types.
    static Parameter oneOf(String name, Type... types) {
        return Parameter.asIs(name, Set.of(types));
    }

    static Parameter any(String name) {
        return Parameter.any(name);
    }

    /// `typeof(long)`; the lowering sees the type's name. Only a rewrite can make the result's type follow it.
    static Parameter typeLiteral(String name) {
        return any(name).with(new Parameter.Use.AsTypeName()).asLiteral();
    }

    /// Anything that shares a type with the others of its kind.
    static Parameter common(String name, Type... types) {
        Parameter parameter = types.length == 0 ? any(name) : oneOf(name, types);
        return parameter.with(new Parameter.Use.AsCommon());
    }

    /// Anything; the others of its kind and it become their common type, or dynamic.
    static Parameter commonOrDynamic(String name) {
        return any(name).with(new Parameter.Use.AsCommonOrDynamic());
    }

    // Expressions, for rewrites.

    static Expr call(String function, String sql, Type type, Expr... arguments) {
        return new Expr.Call(function, new Lowering.Sql(sql), List.of(arguments), type);
    }

    static Expr.Constant constant(String value) {
        return new Expr.Constant(Type.STRING, value);
    }

    static Expr.Constant constant(long value) {
        return new Expr.Constant(Type.LONG, value);
    }
}
