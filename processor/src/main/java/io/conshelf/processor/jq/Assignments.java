package io.conshelf.processor.jq;

import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.jq.Operators.Operator;
import io.conshelf.processor.jq.Scope.Broken;
import io.conshelf.processor.jq.Scope.Mark;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `=`, `|=`, `+=` and the others.
final class Assignments {
    private Assignments() {}

    static Filter compile(String operator, Filter target, Filter value) {
        Optional<List<Value>> place = Single.place(target);
        if (place.isPresent() && value instanceof Single one) {
            return placed(operator, place.get(), one);
        }
        return switch (operator) {
            case "=" -> set(target, value);
            case "|=" -> update(target, value);
            default -> calculate(target, value, operator(operator));
        };
    }

    private static Operator operator(String assignment) {
        return assignment.equals("//=") ? (_, present, given) -> Operators.isTrue(present) ? present : given
                : Operators.of(assignment.substring(0, assignment.length() - 1));
    }

    /// Of one place that is known beforehand, one value.
    private static Single placed(String operator, List<Value> place, Single value) {
        return switch (operator) {
            case "=" -> (run, scope, input) -> {
                Value given = value.value(run, scope, input);
                return Keys.change(run, input, place, _ -> given);
            };
            case "|=" -> (run, scope, input) -> Keys.change(run, input, place, present -> value.value(run, scope, noBytes(present)));
            default -> {
                Operator calculation = operator(operator);
                yield (run, scope, input) -> {
                    Value given = value.value(run, scope, input);
                    return Keys.change(run, input, place, present -> calculation.apply(run, noBytes(present), given));
                };
            }
        };
    }

    private static Filter set(Filter target, Filter value) {
        return (run, scope, path, input, output) -> value.run(run, scope, Path.NONE, input, (_, given) -> {
            Value changed = input;
            for (List<Value> place : Iteration.paths(run, scope, target, input)) {
                changed = Keys.change(run, changed, place, _ -> given);
            }
            output.emit(path.lost(), changed);
        });
    }

    private static Filter calculate(Filter target, Filter value, Operator operator) {
        return (run, scope, path, input, output) -> value.run(run, scope, Path.NONE, input, (_, given) -> {
            Value changed = input;
            for (List<Value> place : Iteration.paths(run, scope, target, input)) {
                changed = Keys.change(run, changed, place, present -> operator.apply(run, noBytes(present), given));
            }
            output.emit(path.lost(), changed);
        });
    }

    /// What an update gives nothing for is taken out.
    private static Filter update(Filter target, Filter update) {
        return (run, scope, path, input, output) -> {
            Value changed = input;
            List<Value> gone = new ArrayList<>();
            for (List<Value> place : Iteration.paths(run, scope, target, input)) {
                boolean[] isAny = {false};
                changed = Keys.change(run, changed, place, present -> first(run, scope, update, noBytes(present), isAny));
                if (!isAny[0]) {
                    gone.add(new Value.Items(place));
                }
            }
            output.emit(path.lost(), gone.isEmpty() ? changed : Keys.deletePaths(run, changed, gone));
        };
    }

    /// Bytes are replaced as a whole, or changed by the functions of the module `binary`.
    private static Value noBytes(Value present) {
        if (present instanceof Value.Binary) {
            throw new JqException("jqImproperBinaryUsage: a binary value cannot be updated");
        }
        return present;
    }

    private static Value first(Run run, Scope scope, Filter update, Value present, boolean[] isAny) {
        Value[] first = {present};
        Mark mark = new Mark();
        try {
            update.run(run, scope, Path.NONE, present, (_, value) -> {
                first[0] = value;
                isAny[0] = true;
                throw mark.broken();
            });
        } catch (Broken broken) {
            if (broken.mark() != mark) {
                throw broken;
            }
        }
        return first[0];
    }
}
