package io.conshelf.streams.operator;

import io.conshelf.streams.plan.MatchPattern.Node;
import java.util.ArrayList;
import java.util.List;

/// A pattern as a program: what the next row must be, or where to go on, the first place preferred.
final class MatchProgram {
    sealed interface Instruction {
        /// The next row must meet this name's condition.
        record Take(String name) implements Instruction {}

        record TakeAny() implements Instruction {}

        record Fork(int preferred, int other) implements Instruction {}

        record Accept() implements Instruction {}
    }

    private final List<Instruction> instructions = new ArrayList<>();

    private MatchProgram() {}

    static List<Instruction> of(Node pattern) {
        MatchProgram program = new MatchProgram();
        program.append(pattern);
        program.add(new Instruction.Accept());
        return List.copyOf(program.instructions);
    }

    private int add(Instruction instruction) {
        instructions.add(instruction);
        return instructions.size() - 1;
    }

    private void append(Node node) {
        switch (node) {
            case Node.Name(String name) -> add(new Instruction.Take(name));
            case Node.AnyRow _ -> add(new Instruction.TakeAny());
            case Node.Sequence(List<Node> parts) -> parts.forEach(this::append);
            case Node.Either(List<Node> parts) -> either(parts);
            case Node.Repeat repeat -> repeat(repeat);
        }
    }

    private void either(List<Node> parts) {
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < parts.size() - 1; i++) {
            int fork = add(new Instruction.Fork(0, 0));
            append(parts.get(i));
            ends.add(add(new Instruction.Fork(0, 0)));
            instructions.set(fork, new Instruction.Fork(fork + 1, instructions.size()));
        }
        append(parts.getLast());
        int end = instructions.size();
        ends.forEach(place -> instructions.set(place, new Instruction.Fork(end, end)));
    }

    // More is preferred to less.
    private void repeat(Node.Repeat repeat) {
        for (int i = 0; i < repeat.min(); i++) {
            append(repeat.of());
        }
        if (repeat.max().max().isEmpty()) {
            int fork = add(new Instruction.Fork(0, 0));
            append(repeat.of());
            add(new Instruction.Fork(fork, fork));
            instructions.set(fork, new Instruction.Fork(fork + 1, instructions.size()));
            return;
        }
        List<Integer> forks = new ArrayList<>();
        for (int i = repeat.min(); i < repeat.max().max().getAsInt(); i++) {
            forks.add(add(new Instruction.Fork(0, 0)));
            append(repeat.of());
        }
        int end = instructions.size();
        forks.forEach(fork -> instructions.set(fork, new Instruction.Fork(fork + 1, end)));
    }
}
