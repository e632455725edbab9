// Tokens of the jq dialect. Strings hold expressions, so a string and every parenthesis is a mode of its own.
lexer grammar JqLexer;

DEF       : 'def' ;
IF        : 'if' ;
THEN      : 'then' ;
ELIF      : 'elif' ;
ELSE      : 'else' ;
END       : 'end' ;
AS        : 'as' ;
REDUCE    : 'reduce' ;
FOREACH   : 'foreach' ;
TRY       : 'try' ;
CATCH     : 'catch' ;
LABEL     : 'label' ;
BREAK     : 'break' ;
IMPORT    : 'import' ;
INCLUDE   : 'include' ;
AND       : 'and' ;
OR        : 'or' ;
LOCATION  : '$__loc__' ;

NAME      : WORD ( '::' WORD )* ;
VARIABLE  : '$' WORD ( '::' WORD )* ;
FIELD     : '.' WORD ;
FORMAT    : '@' [a-zA-Z0-9_]+ ;
NUMBER    : ( [0-9]+ ( '.' [0-9]* )? | '.' [0-9]+ ) ( [eE] [+-]? [0-9]+ )? ;
QUOTE     : '"' -> pushMode(TEXT) ;

ALTERNATIVES : '?//' ;
ASSIGN    : '|=' | '+=' | '-=' | '*=' | '/=' | '%=' | '//=' | '=' ;
COMPARE   : '==' | '!=' | '<=' | '>=' | '<' | '>' ;
ALTERNATE : '//' ;
RECURSE   : '..' ;
DOT       : '.' ;
PIPE      : '|' ;
COMMA     : ',' ;
PLUS      : '+' ;
MINUS     : '-' ;
TIMES     : '*' | '/' | '%' ;
COLON     : ':' ;
SEMICOLON : ';' ;
MAYBE     : '?' ;
OPEN      : '(' -> pushMode(DEFAULT_MODE) ;
CLOSE     : ')' -> popMode ;
BRACKET     : '[' ;
END_BRACKET : ']' ;
BRACE     : '{' ;
END_BRACE : '}' ;

BLANK     : [ \t\r\n]+ -> skip ;
COMMENT   : '#' ~[\r\n]* -> skip ;
UNKNOWN   : . ;

fragment WORD : [a-zA-Z_] [a-zA-Z0-9_]* ;

mode TEXT;

END_QUOTE : '"' -> popMode ;
EMBED     : '\\(' -> pushMode(DEFAULT_MODE) ;
ESCAPE    : '\\' ["\\/bfnrt] | '\\u' [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] ;
PLAIN     : ~["\\]+ ;
BAD_ESCAPE : '\\' . ;
