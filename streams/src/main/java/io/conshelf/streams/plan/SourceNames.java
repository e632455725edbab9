package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Name;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What names mean in TIMESTAMP BY and PARTITION BY: the fields of the one event, which is slot 0.
record SourceNames(Problems problems, String source, Columns columns) implements Names {
    @Override
    public Expression path(List<Name> path, Span span) {
        if (path.size() == 2 && path.getFirst().text().equalsIgnoreCase("System") && path.getLast().text().equalsIgnoreCase("Timestamp")) {
            return timestamp(span);
        }
        List<Name> fields = path.size() > 1 && path.getFirst().text().equalsIgnoreCase(source) ? path.subList(1, path.size()) : path;
        if (!columns.mayHave(fields.getFirst().text())) {
            return problems.refused(fields.getFirst().span(), "there is no column '%s'", fields.getFirst().text());
        }
        return ExpressionBinder.members(new Expression.Field(new Expression.Slot(0, path.getFirst().span()), fields.getFirst().text(),
                fields.getFirst().span()), fields.subList(1, fields.size()), problems);
    }

    @Override
    public Optional<Expression> record(Name name) {
        return name.text().equalsIgnoreCase(source) ? Optional.of(new Expression.Slot(0, name.span())) : Optional.empty();
    }

    @Override
    public Optional<Expression> time(Name name) {
        return Optional.empty();
    }

    @Override
    public boolean isKnown(Name name) {
        return columns.isKnownToHave(name.text());
    }

    @Override
    public Optional<Expression> special(Syntax.Call call) {
        String name = call.text().toLowerCase(Locale.ROOT);
        boolean isSpecial = name.startsWith("uda.") || Catalogue.aggregate(name).isPresent() || WindowBinder.isWindow(call) || switch (name) {
            case "lag", "last", "isfirst", "anomalydetection_spikeanddip", "anomalydetection_changepoint", "getarrayelements", "getrecordproperties" -> true;
            default -> false;
        };
        return isSpecial ? Optional.of(problems.refused(call.span(), "%s cannot stand here: only fields of the event can be used", call.text()))
                : Optional.empty();
    }

    @Override
    public Expression timestamp(Span span) {
        return problems.refused(span, "System.Timestamp() cannot stand here: only fields of the event can be used");
    }

    @Override
    public Expression windowId(Span span) {
        return problems.refused(span, "System.Window() can be used in the SELECT of a query with GROUP BY only");
    }
}
