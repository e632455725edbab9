package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The `name=value` pairs after an operator's name. Hints are for a cluster of many nodes and do nothing here.
final class Parameters {
    private final Binder binder;
    private final String operator;
    private final List<OperatorParameter> list;

    Parameters(Binder binder, String operator, List<OperatorParameter> list) {
        this.binder = binder;
        this.operator = operator;
        this.list = list;
        Set<String> seen = new HashSet<>();
        for (OperatorParameter parameter : list) {
            if (!seen.add(parameter.name().text()) && !parameter.name().text().startsWith("hint.")) {
                binder.report(Messages.parameterTwice(parameter.name().span(), operator, parameter.name().text()));
            }
        }
    }

    Optional<Expression> value(String name) {
        return list.stream().filter(parameter -> parameter.name().text().equals(name))
                .map(OperatorParameter::value).findFirst();
    }

    /// One of the words; another one is reported.
    Optional<String> word(String name, List<String> words) {
        Optional<Expression> value = value(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String word = text(value.get());
        if (!words.contains(word)) {
            binder.report(Messages.unknownWord(value.get().span(), operator, name, word, words));
            return Optional.empty();
        }
        return Optional.of(word);
    }

    Optional<String> name(String name) {
        return value(name).map(Parameters::text);
    }

    boolean flag(String name) {
        return value(name).map(value -> text(value).equals("true")).orElse(false);
    }

    /// The text of a literal; anything else is reported.
    Optional<String> literalText(String name) {
        Optional<Expression> value = value(name);
        if (value.isPresent() && !(value.get() instanceof Syntax.StringLiteral)) {
            binder.report(Messages.literalExpected(value.get().span(), operator, "string"));
            return Optional.empty();
        }
        return value.map(Parameters::text);
    }

    /// Whether a parameter is the literal `true`; anything but a literal of type bool is reported.
    boolean literalFlag(String name) {
        value(name).filter(value -> !(value instanceof Syntax.BoolLiteral))
                .ifPresent(value -> binder.report(Messages.literalExpected(value.span(), operator, "bool")));
        return flag(name);
    }

    static String text(Expression value) {
        return switch (value) {
            case Syntax.NameReference name -> name.name();
            case Syntax.StringLiteral string -> string.value();
            case Syntax.Literal literal -> literal.text();
            case Expression _ -> "";
        };
    }
}
