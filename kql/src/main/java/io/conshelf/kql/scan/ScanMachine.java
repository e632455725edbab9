package io.conshelf.kql.scan;

import io.conshelf.kql.plan.Plan.StepOutput;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Interruption;
import io.conshelf.kql.value.TooLargeValue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Goes through rows. Each step has a sequence or none, and of it what the steps up to this one have taken last.
///
/// A row *moves* a sequence to the next step, or *goes on* with the step's own. Which it does is told of all steps by the state
/// before the row; then the steps change, the last one first, so that each finds the one before as it was.
final class ScanMachine {
    private static final int ROWS_BETWEEN_LOOKS = 1 << 12;
    private static final int ROW_CHARS_MAX = 64 << 20;

    private final ScanProgram program;
    private final Cell[] fields;
    private final StepState[] steps;
    private long sequences;

    /// Whether the row leaves the first step's sequence where it is: expressions of the first step see it only then.
    private boolean firstStays;
    private String rows = "";
    private int at;

    ScanMachine(ScanProgram program) {
        this.program = program;
        fields = new Cell[program.fields().size()];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = new Cell();
        }
        int count = program.steps().size();
        steps = new StepState[count];
        for (int k = 0; k < count; k++) {
            steps[k] = new StepState(k);
        }
        for (StepState step : steps) {
            step.build();
        }
    }

    /// What a step has: of its sequence the columns that the step itself has taken last, in `own`, and those of each step before.
    private final class StepState {
        final int index;
        final ScanProgram.Step step;
        final TreeMap<Integer, Cell> own = new TreeMap<>();
        final List<TreeMap<Integer, Cell>> before = new ArrayList<>();
        final Cell[] pending;
        Value condition = new Cell();
        Value conditionToMove = new Cell();
        Value[] byGoingOn = {};
        Value[] byMoving = {};
        boolean isActive;
        boolean moves;
        boolean goesOn;
        long sequence;
        long lastRow;

        StepState(int index) {
            this.index = index;
            step = program.steps().get(index);
            var columns = new TreeSet<>(step.read());
            columns.addAll(step.assigned().keySet());
            columns.forEach(column -> own.put(column, new Cell()));
            for (int j = 0; j < index; j++) {
                var read = new TreeMap<Integer, Cell>();
                program.steps().get(j).read().forEach(column -> read.put(column, new Cell()));
                before.add(read);
            }
            pending = new Cell[own.size()];
            for (int i = 0; i < pending.length; i++) {
                pending[i] = new Cell();
            }
        }

        void build() {
            condition = value(step.condition(), index, index);
            byGoingOn = taken(index);
            if (index > 0) {
                conditionToMove = value(step.condition(), index, index - 1);
                byMoving = taken(index - 1);
            }
        }

        private Value[] taken(int holder) {
            return own.keySet().stream()
                    .map(column -> value(step.assigned().getOrDefault(column, program.columns().get(column).taken()), index, holder))
                    .toArray(Value[]::new);
        }

        boolean stays() {
            return isActive && (index == steps.length - 1 || !steps[index + 1].moves);
        }

        /// Changes by a row that the step takes.
        void take(long row) {
            Value[] values = moves ? byMoving : byGoingOn;
            for (int i = 0; i < values.length; i++) {
                values[i].find();
                pending[i].take(values[i]);
            }
            int i = 0;
            for (Cell cell : own.values()) {
                cell.take(pending[i++]);
            }
            if (moves) {
                StepState from = steps[index - 1];
                sequence = from.sequence;
                for (int j = 0; j < index; j++) {
                    Map<Integer, Cell> source = j == index - 1 ? from.own : from.before.get(j);
                    before.get(j).forEach((column, cell) -> cell.take(source.get(column)));
                }
            }
            lastRow = row;
        }
    }

    /// @param holder the step whose sequence is looked at
    private Value value(ScanTerm term, int step, int holder) {
        return switch (term) {
            case ScanTerm.Field(int index, Type _) -> fields[index];
            case ScanTerm.Constant(String text, Type type) -> {
                var cell = new Cell();
                // The word is no field any more: its escapes are undone.
                var field = new StringBuilder();
                ScanText.write(field, text);
                ScanText.read(field.toString(), 0, field.length(), type, cell);
                yield cell;
            }
            case ScanTerm.State(int of, int column, Type _) -> {
                Value empty = value(program.columns().get(column).empty(), step, holder);
                if (of > holder) {
                    yield empty;
                }
                StepState held = steps[holder];
                Cell cell = of == holder ? held.own.get(column) : held.before.get(of).get(column);
                yield step > 0 ? cell : new Result((to, from) -> {
                    Value seen = from[firstStays ? 0 : 1];
                    seen.find();
                    to.take(seen);
                }, cell, empty);
            }
            case ScanTerm.Call call -> new Result(call.operation(),
                    call.arguments().stream().map(argument -> value(argument, step, holder)).toArray(Value[]::new));
        };
    }

    /// What is known behind the rows, then the results of the rows, each with its row's number and how late its step comes.
    ///
    /// @param state  what is known before them, or behind some of them
    /// @param first  the number of the row before
    /// @param isLast whether no others come
    /// @param enough how long results end it before the last of the rows; 0 takes none
    String run(String state, String block, long first, boolean isLast, long enough) {
        int taken = restore(state);
        rows = block;
        at = 0;
        for (int i = 0; i < taken; i++) {
            at = rows.indexOf(ScanText.ROW, at) + 1;
        }
        var results = new StringBuilder();
        boolean isWhole = false;
        while (!isWhole && results.length() < enough) {
            int before = results.length();
            readRow();
            taken++;
            take(first + taken, results);
            if (taken % ROWS_BETWEEN_LOOKS == 0) {
                Interruption.look();
            }
            if (results.length() - before > ROW_CHARS_MAX) {
                throw new TooLargeValue("a scan would make more than " + ROW_CHARS_MAX + " characters of one row");
            }
            isWhole = at == rows.length();
            at++;
        }
        if (!isWhole) {
            return state(Integer.toString(taken)) + results;
        }
        if (isLast) {
            for (StepState step : steps) {
                if (step.isActive && step.step.output() == StepOutput.LAST) {
                    give(step, results);
                }
            }
        }
        return state("") + results;
    }

    private void readRow() {
        for (int i = 0; i < fields.length; i++) {
            if (i > 0) {
                at++;
            }
            int from = at;
            while (at < rows.length() && rows.charAt(at) != ScanText.FIELD && rows.charAt(at) != ScanText.ROW) {
                at++;
            }
            ScanText.read(rows, from, at, program.fields().get(i), fields[i]);
        }
    }

    private void take(long row, StringBuilder results) {
        int count = steps.length;
        for (int k = 1; k < count; k++) {
            StepState step = steps[k];
            step.moves = steps[k - 1].isActive && holds(step.conditionToMove);
        }
        firstStays = steps[0].stays();
        for (StepState step : steps) {
            step.goesOn = step.index == 0 ? holds(step.condition) : !step.moves && step.stays() && holds(step.condition);
        }
        for (int k = count - 1; k >= 0; k--) {
            StepState step = steps[k];
            boolean stays = step.stays();
            boolean leaves = k < count - 1 && steps[k + 1].moves;
            if (step.step.output() == StepOutput.LAST && step.isActive && (leaves || step.moves)) {
                give(step, results);
            }
            if (k == 0 && step.goesOn && !stays) {
                step.sequence = sequences++;
            }
            boolean isTaken = step.moves || step.goesOn;
            if (isTaken) {
                step.take(row);
            }
            step.isActive = isTaken || stays;
            if (isTaken && step.step.output() == StepOutput.ALL) {
                give(step, results);
            }
        }
    }

    private static boolean holds(Value condition) {
        condition.find();
        return condition.isTrue();
    }

    private void give(StepState step, StringBuilder results) {
        results.append(ScanText.ROW).append(step.lastRow).append(ScanText.FIELD).append(steps.length - 1 - step.index)
                .append(ScanText.FIELD).append(step.sequence);
        for (int column : program.given()) {
            results.append(ScanText.FIELD);
            Cell cell = step.own.get(column);
            if (cell != null && step.step.assigned().containsKey(column)) {
                ScanText.write(results, program.columns().get(column).type(), cell);
            }
        }
    }

    private interface OfCell {
        void see(Type type, Cell cell);
    }

    private void cells(OfCell of) {
        for (StepState step : steps) {
            for (Map<Integer, Cell> cells : step.before) {
                cells.forEach((column, cell) -> of.see(program.columns().get(column).type(), cell));
            }
            step.own.forEach((column, cell) -> of.see(program.columns().get(column).type(), cell));
        }
    }

    /// @param taken how many rows of the block, unless all
    private String state(String taken) {
        var state = new StringBuilder().append(ScanText.STATE).append(taken).append(ScanText.FIELD).append(sequences);
        for (StepState step : steps) {
            state.append(ScanText.FIELD).append(step.isActive ? 1 : 0).append(ScanText.FIELD).append(step.sequence)
                    .append(ScanText.FIELD).append(step.lastRow);
        }
        cells((type, cell) -> ScanText.write(state.append(ScanText.FIELD), type, cell));
        return state.toString();
    }

    /// How many rows of the block it is behind.
    private int restore(String state) {
        if (state.length() == 1) {
            forget();
            return 0;
        }
        Iterator<String> words = ScanText.fields(state.substring(1)).iterator();
        String taken = words.next();
        sequences = Long.parseLong(words.next());
        for (StepState step : steps) {
            step.isActive = words.next().equals("1");
            step.sequence = Long.parseLong(words.next());
            step.lastRow = Long.parseLong(words.next());
        }
        var field = new StringBuilder();
        cells((type, cell) -> {
            field.setLength(0);
            ScanText.write(field, words.next());
            ScanText.read(field.toString(), 0, field.length(), type, cell);
        });
        return taken.isEmpty() ? 0 : Integer.parseInt(taken);
    }

    /// Before the first row.
    private void forget() {
        sequences = 0;
        for (StepState step : steps) {
            step.isActive = false;
            step.sequence = 0;
            step.lastRow = 0;
        }
        cells((type, cell) -> cell.take(Cell.ofNull(type)));
    }
}
