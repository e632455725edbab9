package io.conshelf.processor.jq;

import io.conshelf.processor.jq.Jq.Pattern;
import io.conshelf.processor.jq.Jq.Place;
import io.conshelf.processor.jq.JqParser.*;
import io.conshelf.processor.value.Value;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EmptyStackException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;

/// Reads a program's text into a tree.
final class JqParsing {
    private static final int LENGTH_MAX = 1 << 16;
    private static final int DEPTH_MAX = 200;

    /// Where functions of a module stand: by the name it was imported as, or by none.
    record Read(Jq body, Map<String, String> modules) {}

    private final Map<String, String> modules = new HashMap<>();

    private JqParsing() {}

    static Read read(String text) throws JqSyntaxException {
        if (text.length() > LENGTH_MAX) {
            throw new JqSyntaxException(1, 1, "the expression is longer than " + LENGTH_MAX + " characters");
        }
        checkDepth(text);
        try {
            JqLexer lexer = new JqLexer(CharStreams.fromString(text));
            lexer.removeErrorListeners();
            lexer.addErrorListener(new FirstError());
            JqParser parser = new JqParser(new CommonTokenStream(lexer));
            parser.removeErrorListeners();
            parser.addErrorListener(new FirstError());
            JqParsing parsing = new JqParsing();
            Jq body = parsing.program(parser.program());
            return new Read(body, parsing.modules);
        } catch (Wrong wrong) {
            throw wrong.syntax;
        } catch (EmptyStackException closedTooOften) {
            throw new JqSyntaxException(1, 1, "a ')' closes nothing");
        } catch (StackOverflowError tooDeep) {
            throw new JqSyntaxException(1, 1, "the expression is nested too deep");
        }
    }

    /// Brackets, so that the parser's recursion has an end.
    private static void checkDepth(String text) throws JqSyntaxException {
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(' || c == '[' || c == '{') {
                if (++depth > DEPTH_MAX) {
                    throw new JqSyntaxException(1, i + 1, "the expression is nested deeper than " + DEPTH_MAX);
                }
            } else if (c == ')' || c == ']' || c == '}') {
                depth--;
            }
        }
    }

    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final JqSyntaxException syntax;

        Wrong(JqSyntaxException syntax) {
            super(null, syntax, false, false);
            this.syntax = syntax;
        }
    }

    private static final class FirstError extends BaseErrorListener {
        @Override
        public void syntaxError(Recognizer<?, ?> recognizer, Object symbol, int line, int column, String message, RecognitionException e) {
            String found = symbol instanceof Token token
                    ? token.getType() == Token.EOF ? "the expression ends too early" : "'" + token.getText() + "' is not expected here"
                    : "a character is not expected here";
            throw new Wrong(new JqSyntaxException(line, column + 1, found));
        }
    }

    private static Place place(Token token) {
        return new Place(token.getLine(), token.getCharPositionInLine() + 1);
    }

    private Jq program(ProgramContext program) {
        for (ImportsContext imports : program.imports()) {
            String module = plain(imports.text());
            if (!module.equals("binary")) {
                throw new Wrong(new JqSyntaxException(place(imports.start), "there is no module '" + module + "'; the only one is 'binary'"));
            }
            modules.put(imports.INCLUDE() != null ? "" : imports.NAME() == null ? imports.VARIABLE().getText() : imports.NAME().getText(), module);
        }
        Jq body = program.pipe() == null ? new Jq.Identity() : pipe(program.pipe());
        for (DefinitionContext definition : program.definition().reversed()) {
            body = definition(definition, body);
        }
        return body;
    }

    private Jq definition(DefinitionContext definition, Jq rest) {
        return new Jq.Definition(definition.word().getText(), definition.parameter().stream().map(parameter -> parameter.getText()).toList(),
                pipe(definition.pipe()), rest);
    }

    private Jq pipe(PipeContext pipe) {
        if (pipe.definition() != null) {
            return definition(pipe.definition(), pipe(pipe.pipe()));
        }
        Jq left = comma(pipe.comma());
        return pipe.pipe() == null ? left : new Jq.Pipe(left, pipe(pipe.pipe()));
    }

    private Jq comma(CommaContext comma) {
        Jq all = alternate(comma.alternate(0));
        for (AlternateContext next : comma.alternate().subList(1, comma.alternate().size())) {
            all = new Jq.Comma(all, alternate(next));
        }
        return comma.definition() == null ? all : new Jq.Comma(all, definition(comma.definition(), pipe(comma.pipe())));
    }

    private Jq alternate(AlternateContext alternate) {
        Jq left = assign(alternate.assign());
        if (alternate.alternate() == null) {
            return left;
        }
        Jq first = alternate.ALTERNATIVES() == null ? left : new Jq.Attempt(left, Optional.empty());
        return new Jq.Alternate(first, alternate(alternate.alternate()));
    }

    private Jq assign(AssignContext assign) {
        Jq left = or(assign.or(0));
        return assign.ASSIGN() == null ? left : new Jq.Assign(assign.ASSIGN().getText(), left, or(assign.or(1)));
    }

    private Jq or(OrContext or) {
        Jq all = and(or.and(0));
        for (AndContext next : or.and().subList(1, or.and().size())) {
            all = new Jq.Or(all, and(next));
        }
        return all;
    }

    private Jq and(AndContext and) {
        Jq all = compare(and.compare(0));
        for (CompareContext next : and.compare().subList(1, and.compare().size())) {
            all = new Jq.And(all, compare(next));
        }
        return all;
    }

    private Jq compare(CompareContext compare) {
        Jq left = sum(compare.sum(0));
        return compare.COMPARE() == null ? left : new Jq.Operation(compare.COMPARE().getText(), left, sum(compare.sum(1)));
    }

    private Jq sum(SumContext sum) {
        Jq all = product(sum.product(0));
        for (int i = 1; i < sum.product().size(); i++) {
            all = new Jq.Operation(sum.getChild(2 * i - 1).getText(), all, product(sum.product(i)));
        }
        return all;
    }

    private Jq product(ProductContext product) {
        Jq all = operand(product.operand(0));
        for (int i = 1; i < product.operand().size(); i++) {
            all = new Jq.Operation(product.TIMES(i - 1).getText(), all, operand(product.operand(i)));
        }
        return all;
    }

    private Jq operand(OperandContext operand) {
        return switch (operand) {
            case BindingContext binding -> new Jq.Binding(binding.MINUS() == null ? term(binding.term()) : new Jq.Negation(term(binding.term())), patterns(binding.patterns()), pipe(binding.pipe()));
            case LabelContext label -> new Jq.Label(label.VARIABLE().getText(), pipe(label.pipe()));
            case NegationContext negation -> new Jq.Negation(operand(negation.operand()));
            case AttemptContext attempt -> new Jq.Attempt(operand(attempt.operand(0)),
                    attempt.CATCH() == null ? Optional.empty() : Optional.of(operand(attempt.operand(1))));
            case PlainContext plain -> term(plain.term());
            default -> throw new IllegalStateException("an operand that the grammar does not have");
        };
    }

    private Jq term(TermContext term) {
        Jq value = primary(term.primary());
        boolean isAccess = term.primary() instanceof FieldContext || term.primary() instanceof TextFieldContext;
        for (SuffixContext suffix : term.suffix()) {
            value = switch (suffix) {
                case FieldSuffixContext field -> field(value, field.FIELD().getText());
                case TextSuffixContext text -> new Jq.Index(value, text(text.text(), Optional.empty()));
                case BracketSuffixContext bracket -> bracket(value, bracket.inside());
                case MaybeSuffixContext _ -> isAccess ? new Jq.Optionally(value) : new Jq.Attempt(value, Optional.empty());
                default -> throw new IllegalStateException("a suffix that the grammar does not have");
            };
            isAccess = !(suffix instanceof MaybeSuffixContext);
        }
        return value;
    }

    private static Jq field(Jq term, String dotted) {
        return new Jq.Index(term, new Jq.Literal(Value.of(dotted.substring(1))));
    }

    private Jq bracket(Jq term, InsideContext inside) {
        return switch (inside) {
            case null -> new Jq.Iterate(term);
            case IndexContext index -> new Jq.Index(term, pipe(index.pipe()));
            case SliceFromContext slice -> new Jq.Slice(term, Optional.of(pipe(slice.pipe(0))),
                    slice.pipe().size() == 1 ? Optional.empty() : Optional.of(pipe(slice.pipe(1))));
            case SliceToContext slice -> new Jq.Slice(term, Optional.empty(), Optional.of(pipe(slice.pipe())));
            default -> throw new IllegalStateException("an index that the grammar does not have");
        };
    }

    private Jq primary(PrimaryContext primary) {
        return switch (primary) {
            case NumberContext number -> new Jq.Literal(number(number.getText()));
            case StringContext string -> text(string.text(), Optional.empty());
            case FormatContext format -> format.text() == null
                    ? new Jq.Call(format.FORMAT().getText(), List.of(), place(format.start))
                    : text(format.text(), Optional.of(format.FORMAT().getText()));
            case RecurseContext _ -> new Jq.RecurseAll();
            case FieldContext field -> field(new Jq.Identity(), field.FIELD().getText());
            case TextFieldContext field -> new Jq.Index(new Jq.Identity(), text(field.text(), Optional.empty()));
            case IdentityContext _ -> new Jq.Identity();
            case LocationContext location -> new Jq.Literal(location(location.start));
            case VariableContext variable -> new Jq.Variable(variable.getText(), place(variable.start));
            case BreakingContext breaking -> new Jq.Break(breaking.VARIABLE().getText(), place(breaking.start));
            case CallContext call -> call(call);
            case GroupContext group -> pipe(group.pipe());
            case ArrayContext array -> new Jq.Array(Optional.ofNullable(array.pipe()).map(this::pipe));
            case ObjectContext object -> construct(object.construct());
            case ConditionContext condition -> condition(condition);
            case ReductionContext reduce -> new Jq.Reduce(term(reduce.term()), patterns(reduce.patterns()), pipe(reduce.pipe(0)), pipe(reduce.pipe(1)));
            case EachContext each -> new Jq.Foreach(term(each.term()), patterns(each.patterns()), pipe(each.pipe(0)), pipe(each.pipe(1)),
                    each.pipe().size() == 2 ? Optional.empty() : Optional.of(pipe(each.pipe(2))));
            default -> throw new IllegalStateException("a term that the grammar does not have");
        };
    }

    private Jq call(CallContext call) {
        String name = call.NAME().getText();
        List<Jq> arguments = call.pipe().stream().map(this::pipe).toList();
        return switch (name) {
            case "null" -> new Jq.Literal(Value.NULL);
            case "true" -> new Jq.Literal(Value.TRUE);
            case "false" -> new Jq.Literal(Value.FALSE);
            default -> new Jq.Call(name, arguments, place(call.start));
        };
    }

    private Jq condition(ConditionContext condition) {
        boolean hasElse = condition.ELSE() != null;
        int tests = 1 + condition.ELIF().size();
        Jq otherwise = hasElse ? pipe(condition.pipe(2 * tests)) : new Jq.Identity();
        for (int i = tests - 1; i >= 0; i--) {
            otherwise = new Jq.Condition(pipe(condition.pipe(2 * i)), pipe(condition.pipe(2 * i + 1)), otherwise);
        }
        return otherwise;
    }

    private Jq construct(ConstructContext construct) {
        return new Jq.Construct(construct.entry().stream().map(this::entry).toList());
    }

    private Jq.Entry entry(EntryContext entry) {
        KeyContext key = entry.key();
        if (key.VARIABLE() != null && !entry.alternate().isEmpty()) {
            return new Jq.Entry(new Jq.Variable(key.getText(), place(key.start)), value(entry));
        }
        Jq name = key(key);
        if (!entry.alternate().isEmpty()) {
            return new Jq.Entry(name, value(entry));
        }
        if (key.VARIABLE() != null) {
            return new Jq.Entry(name, new Jq.Variable(key.getText(), place(key.start)));
        }
        if (key.LOCATION() != null) {
            return new Jq.Entry(name, new Jq.Literal(location(key.start)));
        }
        if (key.NUMBER() != null || key.pipe() != null) {
            throw new Wrong(new JqSyntaxException(place(key.start), "'" + key.getText() + "' needs a value behind ':'"));
        }
        return new Jq.Entry(name, new Jq.Index(new Jq.Identity(), name));
    }

    private Jq value(EntryContext entry) {
        Jq value = alternate(entry.alternate(0));
        for (AlternateContext next : entry.alternate().subList(1, entry.alternate().size())) {
            value = new Jq.Pipe(value, alternate(next));
        }
        return value;
    }

    private Jq key(KeyContext key) {
        if (key.VARIABLE() != null) {
            return new Jq.Literal(Value.of(key.getText().substring(1)));
        }
        if (key.LOCATION() != null) {
            return new Jq.Literal(Value.of("__loc__"));
        }
        if (key.pipe() != null) {
            return pipe(key.pipe());
        }
        if (key.text() != null) {
            return text(key.text(), Optional.ofNullable(key.FORMAT()).map(format -> format.getText()));
        }
        return new Jq.Literal(Value.of(key.getText()));
    }

    private static Value location(Token token) {
        LinkedHashMap<String, Value> members = new LinkedHashMap<>();
        members.put("file", Value.of("<top-level>"));
        members.put("line", Value.of((long) token.getLine()));
        return new Value.Members(members);
    }

    private List<Pattern> patterns(PatternsContext patterns) {
        return patterns.pattern().stream().map(this::pattern).toList();
    }

    private Pattern pattern(PatternContext pattern) {
        return switch (pattern) {
            case VariablePatternContext variable -> new Pattern.Name(variable.getText());
            case ArrayPatternContext array -> new Pattern.Elements(array.pattern().stream().map(this::pattern).toList());
            case ObjectPatternContext object -> new Pattern.Properties(object.entryPattern().stream().map(this::property).toList());
            default -> throw new IllegalStateException("a pattern that the grammar does not have");
        };
    }

    private Pattern.Property property(EntryPatternContext entry) {
        Optional<Pattern> inner = Optional.ofNullable(entry.pattern()).map(this::pattern);
        if (entry.VARIABLE() != null) {
            String name = entry.VARIABLE().getText();
            return new Pattern.Property(Optional.of(name), new Jq.Literal(Value.of(name.substring(1))), inner);
        }
        if (inner.isEmpty()) {
            throw new Wrong(new JqSyntaxException(place(entry.start), "'" + entry.getText() + "' needs a pattern behind ':'"));
        }
        Jq key = entry.pipe() != null ? pipe(entry.pipe()) : entry.text() != null ? text(entry.text(), Optional.empty())
                : new Jq.Literal(Value.of(entry.word().getText()));
        return new Pattern.Property(Optional.empty(), key, inner);
    }

    private static Value number(String text) {
        if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            BigInteger whole = new BigInteger(text);
            return whole.bitLength() < 64 ? new Value.Whole(whole.longValue()) : new Value.Large(whole);
        }
        return new Value.Real(Double.parseDouble(text));
    }

    private static String plain(TextContext text) {
        StringBuilder plain = new StringBuilder();
        for (PartContext part : text.part()) {
            if (part.EMBED() != null) {
                throw new Wrong(new JqSyntaxException(place(part.start), "a name of a module holds no expression"));
            }
            append(plain, part);
        }
        return plain.toString();
    }

    private static void append(StringBuilder plain, PartContext part) {
        String text = part.getText();
        if (part.PLAIN() != null) {
            plain.append(text);
            return;
        }
        switch (text.charAt(1)) {
            case 'b' -> plain.append('\b');
            case 'f' -> plain.append('\f');
            case 'n' -> plain.append('\n');
            case 'r' -> plain.append('\r');
            case 't' -> plain.append('\t');
            case 'u' -> plain.append((char) Integer.parseInt(text.substring(2), 16));
            default -> plain.append(text.charAt(1));
        }
    }

    private Jq text(TextContext text, Optional<String> format) {
        List<Jq> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        for (PartContext part : text.part()) {
            if (part.EMBED() == null) {
                append(plain, part);
            } else {
                parts.add(new Jq.Literal(Value.of(plain.toString())));
                plain.setLength(0);
                parts.add(pipe(part.pipe()));
            }
        }
        parts.add(new Jq.Literal(Value.of(plain.toString())));
        return parts.size() == 1 ? parts.getFirst() : new Jq.Template(format, parts, place(text.start));
    }
}
