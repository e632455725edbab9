package io.conshelf.kql.scan;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.StepOutput;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the machine of a `scan` is told: the steps, over fields that SQL computes for each row.
///
/// @param fields of each row, their types
/// @param columns of a state, those of the row and then the declared ones
/// @param given  the columns whose values results have, those that some step assigns
public record ScanProgram(List<Type> fields, List<Held> columns, List<Step> steps, List<Integer> given) {
    public ScanProgram {
        fields = List.copyOf(fields);
        columns = List.copyOf(columns);
        steps = List.copyOf(steps);
        given = List.copyOf(given);
    }

    /// A column of a state.
    ///
    /// @param taken of a row that does not assign it: the row's own, or the default of a declared one
    /// @param empty in a state without a sequence
    public record Held(Type type, ScanTerm taken, ScanTerm empty) {}

    /// @param read     the columns of this step that some expression reads
    /// @param assigned by columns
    public record Step(StepOutput output, ScanTerm condition, Map<Integer, ScanTerm> assigned, List<Integer> read) {
        public Step {
            read = List.copyOf(read);
        }
    }

    /// A program and what SQL computes for it.
    ///
    /// @param fields    over the columns of the scan's input
    /// @param growsText whether texts may become longer from row to row
    public record Compiled(ScanProgram program, List<Expr> fields, boolean growsText) {}

    /// Of a plan, where its expressions are such as a machine can compute.
    public static Optional<Compiled> of(Plan.StepScan scan) {
        return new ScanCompiler(scan).program();
    }

    /// The program as words for the function that runs it.
    public String text() {
        List<String> words = new ArrayList<>();
        count(words, fields.size());
        fields.forEach(field -> words.add(field.name()));
        count(words, columns.size());
        for (Held column : columns) {
            words.add(column.type.name());
            column.taken.write(words);
            column.empty.write(words);
        }
        count(words, steps.size());
        for (Step step : steps) {
            words.add(step.output.name());
            step.condition.write(words);
            count(words, step.assigned.size());
            step.assigned.forEach((column, value) -> {
                count(words, column);
                value.write(words);
            });
            numbers(words, step.read);
        }
        numbers(words, given);
        var text = new StringBuilder();
        for (String word : words) {
            text.append(text.isEmpty() ? "" : ScanText.FIELD);
            ScanText.write(text, word);
        }
        return text.toString();
    }

    static ScanProgram read(String text) {
        Iterator<String> words = ScanText.fields(text).iterator();
        var fields = new ArrayList<Type>();
        for (int left = number(words); left > 0; left--) {
            fields.add(Type.valueOf(words.next()));
        }
        var columns = new ArrayList<Held>();
        for (int left = number(words); left > 0; left--) {
            columns.add(new Held(Type.valueOf(words.next()), ScanTerm.read(words), ScanTerm.read(words)));
        }
        var steps = new ArrayList<Step>();
        for (int left = number(words); left > 0; left--) {
            StepOutput output = StepOutput.valueOf(words.next());
            ScanTerm condition = ScanTerm.read(words);
            var assigned = new TreeMap<Integer, ScanTerm>();
            for (int more = number(words); more > 0; more--) {
                assigned.put(number(words), ScanTerm.read(words));
            }
            steps.add(new Step(output, condition, assigned, numbers(words)));
        }
        return new ScanProgram(fields, columns, steps, numbers(words));
    }

    private static void count(List<String> words, int count) {
        words.add(Integer.toString(count));
    }

    private static void numbers(List<String> words, List<Integer> numbers) {
        count(words, numbers.size());
        numbers.forEach(number -> count(words, number));
    }

    private static int number(Iterator<String> words) {
        return Integer.parseInt(words.next());
    }

    private static List<Integer> numbers(Iterator<String> words) {
        var numbers = new ArrayList<Integer>();
        for (int left = number(words); left > 0; left--) {
            numbers.add(number(words));
        }
        return numbers;
    }
}
