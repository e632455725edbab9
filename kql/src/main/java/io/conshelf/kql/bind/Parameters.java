package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import java.util.ArrayList;
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
        this(binder, operator, list, Set.of());
    }

    /// @param repeated the names of those that may come several times
    Parameters(Binder binder, String operator, List<OperatorParameter> list, Set<String> repeated) {
        this.binder = binder;
        this.operator = operator;
        this.list = list;
        Set<String> seen = new HashSet<>();
        for (OperatorParameter parameter : list) {
            String name = parameter.name().text();
            if (!seen.add(name) && !repeated.contains(name) && !name.startsWith("hint.")) {
                binder.report(Messages.parameterTwice(parameter.name().span(), operator, name));
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
        return literalTexts(name).stream().findFirst().map(Syntax.StringLiteral::value);
    }

    /// The texts of all parameters of a name.
    List<Syntax.StringLiteral> literalTexts(String name) {
        List<Syntax.StringLiteral> texts = new ArrayList<>();
        for (OperatorParameter parameter : list) {
            if (!parameter.name().text().equals(name)) {
                continue;
            }
            if (parameter.value() instanceof Syntax.StringLiteral literal) {
                texts.add(literal);
            } else {
                binder.report(Messages.literalExpected(parameter.value().span(), operator, "string"));
            }
        }
        return texts;
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
