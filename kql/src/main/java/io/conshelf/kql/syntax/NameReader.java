package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.ClientParameter;
import io.conshelf.kql.syntax.Syntax.ColumnDeclaration;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.NameReference;
import io.conshelf.kql.syntax.Syntax.RowSchema;
import io.conshelf.kql.syntax.Syntax.Selector;
import io.conshelf.kql.syntax.Syntax.Star;
import io.conshelf.kql.syntax.Syntax.StarPosition;
import io.conshelf.kql.syntax.Syntax.TypeName;
import io.conshelf.kql.syntax.Syntax.TypeSpec;
import io.conshelf.kql.syntax.Syntax.WildcardName;
import io.conshelf.kql.syntax.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Names in all their forms, types, and the schemas made of both.
abstract class NameReader extends TokenReader {
    private static final Set<String> COLUMN_TYPES = Set.of("bool", "boolean", "date", "datetime", "decimal", "double",
            "dynamic", "guid", "int", "int64", "int8", "long", "real", "string", "time", "timespan", "uniqueid");

    private static final Set<String> TYPEOF_TYPES = Set.of("float", "int16", "int32", "uint", "uint16", "uint32",
            "uint64", "uint8", "ulong");

    NameReader(String text, int start) {
        super(text, start);
    }

    // ------------------------------------------------------------------ names

    /// How many tokens at `offset` make a name that may be referred to; 0 for none.
    final int nameLength(int offset) {
        Token token = peek(offset);
        return switch (token.kind()) {
            case IDENTIFIER -> 1;
            case KEYWORD -> Keywords.isSoft(token.text()) ? 1 : 0;
            case PUNCTUATION -> Math.max(bracketedNameLength(offset), bracedNameLength(offset));
            default -> 0;
        };
    }

    /// The same for a name that is declared: more reserved words will do.
    final int declaredNameLength(int offset) {
        int length = nameLength(offset);
        return length == 0 && isDeclarable(peek(offset)) ? 1 : length;
    }

    private static boolean isDeclarable(Token token) {
        return token.kind() == Kind.KEYWORD && Keywords.isDeclarable(token.text());
    }

    final int bracketedNameLength(int offset) {
        if (!at(offset, "[") || peek(offset + 1).kind() != Kind.STRING) {
            return 0;
        }
        int end = offset + 1;
        while (peek(end).kind() == Kind.STRING) {
            end++;
        }
        return at(end, "]") ? end + 1 - offset : 0;
    }

    /// `{name}` or `{name[2]}`, written without blanks.
    final int bracedNameLength(int offset) {
        if (!at(offset, "{") || !isAdjacentWord(offset + 1)) {
            return 0;
        }
        int end = offset + 2;
        if (at(end, "[") && isAdjacent(end)) {
            end += at(end + 1, "-") && isAdjacent(end + 1) ? 2 : 1;
            if (peek(end).kind() != Kind.LONG || !isAdjacent(end) || !at(end + 1, "]") || !isAdjacent(end + 1)) {
                return 0;
            }
            end += 2;
        }
        return at(end, "}") && isAdjacent(end) ? end + 1 - offset : 0;
    }

    private boolean isAdjacent(int offset) {
        return !peek(offset).spaceBefore();
    }

    private boolean isAdjacentWord(int offset) {
        return peek(offset).isWord() && isAdjacent(offset);
    }

    final boolean atName() {
        return nameLength(0) > 0;
    }

    final boolean atDeclaredName() {
        return declaredNameLength(0) > 0;
    }

    /// A name, or a report and an empty one.
    final Name name() {
        return atName() ? readName(nameLength(0)) : missingName();
    }

    final Name declaredName() {
        return atDeclaredName() ? readName(declaredNameLength(0)) : missingName();
    }

    final Name missingName() {
        Span span = here();
        missing(peek().kind() == Kind.KEYWORD ? "a name (a reserved word must be written ['" + peek().text() + "'])" : "a name");
        return new Name("", false, span);
    }

    final Name word() {
        Token token = take();
        return new Name(token.text(), false, token.span());
    }

    private Name readName(int length) {
        if (length == 1) {
            return word();
        }
        int start = start();
        boolean bracketed = at("[");
        String name = bracketed ? bracketedText() : bracedText(length);
        return new Name(name, bracketed, since(start));
    }

    private String bracketedText() {
        Token open = take();
        StringBuilder name = new StringBuilder();
        while (atKind(Kind.STRING)) {
            Token part = take();
            name.append(StringForm.at(text, part.start()).decode(text));
        }
        expect("]");
        if (name.isEmpty()) {
            refuse(open.span(), "a name between brackets may not be empty");
        }
        return name.toString();
    }

    private String bracedText(int length) {
        int start = start();
        for (int i = 0; i < length; i++) {
            take();
        }
        return text.substring(start, previousEnd());
    }

    /// A reference to a name that is there.
    final Selector nameReference() {
        boolean braced = at("{");
        Name name = name();
        return braced ? new ClientParameter(name.text().substring(1, name.text().length() - 1), name.span())
                : new NameReference(name.text(), name.bracketed(), name.span());
    }

    // ------------------------------------------------------------------ wildcards

    /// How many tokens at `offset` make a name with stars in it, all written without blanks; 0 for none.
    final int wildcardLength(int offset) {
        int end = offset;
        if (at(offset, "*")) {
            end++;
        } else if ((peek(offset).kind() == Kind.IDENTIFIER || isDeclarable(peek(offset))) && at(offset + 1, "*")
                && isAdjacent(offset + 1)) {
            end += 2;
        } else {
            return 0;
        }
        while (isWildcardPart(peek(end)) && isAdjacent(end)) {
            end++;
        }
        return end - offset;
    }

    private static boolean isWildcardPart(Token token) {
        return token.kind() == Kind.IDENTIFIER || token.kind() == Kind.LONG || token.is("*") || isDeclarable(token);
    }

    /// A [Star] or a [WildcardName]; [#wildcardLength] has seen it.
    final Expression wildcard() {
        int start = start();
        takeTokens(wildcardLength(0));
        Span span = since(start);
        String pattern = span.in(text);
        return pattern.equals("*") ? new Star(span) : new WildcardName(pattern, false, span);
    }

    final boolean atBracketedWildcard() {
        return at("[") && wildcardLength(1) > 0;
    }

    /// `[T*]`.
    final WildcardName bracketedWildcard() {
        int start = start();
        take();
        int patternStart = start();
        takeTokens(wildcardLength(0));
        String pattern = text.substring(patternStart, previousEnd());
        expect("]");
        return new WildcardName(pattern, true, since(start));
    }

    final void takeTokens(int count) {
        for (int i = 0; i < count; i++) {
            take();
        }
    }

    // ------------------------------------------------------------------ types and schemas

    final boolean atColumnType() {
        return peek().isWord() && COLUMN_TYPES.contains(peek().text());
    }

    /// The type of a column or parameter.
    final TypeName columnType() {
        if (atColumnType()) {
            return typeWord();
        }
        if (atKind(Kind.IDENTIFIER) || atTypeofType() || atKind(Kind.KEYWORD) && Keywords.isSoft(peek().text())) {
            refuse(peek().span(), "'" + peek().text() + "' is no type of a column: expected bool, datetime, decimal, "
                    + "dynamic, guid, int, long, real, string or timespan");
            return typeWord();
        }
        return missingType();
    }

    private boolean atTypeofType() {
        return atColumnType() || peek().isWord() && TYPEOF_TYPES.contains(peek().text());
    }

    /// The type in `typeof(type)` or of a column of `find`.
    final TypeName anyType() {
        return atTypeofType() || atKind(Kind.IDENTIFIER) ? typeWord() : missingType();
    }

    private TypeName typeWord() {
        Token token = take();
        return new TypeName(token.text(), token.span());
    }

    private TypeName missingType() {
        Span span = here();
        missing("a type");
        return new TypeName("", span);
    }

    final Item<ColumnDeclaration> columns =
            new Item<>("a column declaration", () -> atDeclaredName() || at(":"), this::columnDeclaration);

    final ColumnDeclaration columnDeclaration() {
        int start = start();
        Name name = declaredName();
        TypeName type = colon() ? columnType() : new TypeName("", here());
        return new ColumnDeclaration(name, type, since(start));
    }

    /// The `:` before a type. Where it is missing the type is, too, but one report will do.
    private boolean colon() {
        return expect(":") || atColumnType();
    }

    /// The type of a parameter: scalar, or the columns of a table.
    final TypeSpec parameterType() {
        if (!colon()) {
            return new TypeName("", here());
        }
        return at("(") ? rowSchema() : columnType();
    }

    /// `(a:long, b:string)`, `(*)`, `(*, a:long)`, `(a:long, *)`; a leading and a trailing comma are free.
    final RowSchema rowSchema() {
        int start = start();
        if (!openSchema()) {
            return new RowSchema(List.of(), StarPosition.NONE, here());
        }
        StarPosition star = StarPosition.NONE;
        if (tryTake("*")) {
            star = StarPosition.FIRST;
            tryTake(",");
        }
        List<ColumnDeclaration> declared = list(columns, Length.ANY_WITH_TRAILING_COMMA, this::atEndOrStar);
        if (star == StarPosition.NONE && !declared.isEmpty() && tryTake("*")) {
            star = StarPosition.LAST;
        }
        expect(")");
        return new RowSchema(declared, star, since(start));
    }

    /// A schema whose columns are all there is: what makes a table can't say `*`.
    final RowSchema closedSchema() {
        int start = start();
        if (!openSchema()) {
            return new RowSchema(List.of(), StarPosition.NONE, here());
        }
        List<ColumnDeclaration> declared = list(columns, Length.ANY_WITH_TRAILING_COMMA, this::atEnd);
        expect(")");
        return new RowSchema(declared, StarPosition.NONE, since(start));
    }

    private boolean openSchema() {
        if (!tryTake("(")) {
            missing("a schema such as (a:long, b:string)");
            return false;
        }
        tryTake(",");
        return true;
    }

    private boolean atEndOrStar() {
        return atEnd() || at("*");
    }

    /// `typeof(...)` from its parenthesis on: a type, or columns with a star anywhere among them.
    final TypeSpec typeofArgument() {
        int start = start();
        expect("(");
        boolean scalar = atTypeofType() || atKind(Kind.IDENTIFIER) && at(1, ")");
        if (scalar && !at(1, ":")) {
            TypeName type = anyType();
            expect(")");
            return type;
        }
        List<ColumnDeclaration> declared = new ArrayList<>();
        StarPosition star = StarPosition.NONE;
        for (TypeofItem item : list(typeofItems, Length.ANY, this::atEnd)) {
            switch (item) {
                case TypeofColumn(ColumnDeclaration column) -> declared.add(column);
                case TypeofStar() -> star = declared.isEmpty() ? StarPosition.FIRST : StarPosition.LAST;
            }
        }
        expect(")");
        return new RowSchema(declared, star, since(start));
    }

    private sealed interface TypeofItem {}

    private record TypeofColumn(ColumnDeclaration column) implements TypeofItem {}

    private record TypeofStar() implements TypeofItem {}

    private final Item<TypeofItem> typeofItems = new Item<>("a column declaration or *",
            () -> at("*") || columns.starts().getAsBoolean(),
            () -> tryTake("*") ? new TypeofStar() : new TypeofColumn(columnDeclaration()));
}
