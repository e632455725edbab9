// Tokens of a Data Factory string value: text with embedded expressions, and the expressions themselves.
lexer grammar ExpressionLexer;

ESCAPED_OPEN : '@@{' ;
OPEN         : '@{' -> pushMode(INSIDE) ;
TEXT         : ~'@'+ | '@' ;

mode INSIDE;

CLOSE        : '}' -> popMode ;
TRUE         : [tT] [rR] [uU] [eE] ;
FALSE        : [fF] [aA] [lL] [sS] [eE] ;
NULL         : [nN] [uU] [lL] [lL] ;
IDENTIFIER   : [\p{L}_$] [\p{L}\p{M}\p{Nd}_$]* ;
NUMBER       : '-'? ( [0-9]+ ( '.' [0-9]+ )? | '.' [0-9]+ ) ( [eE] [+-]? [0-9]+ )? ;
STRING       : '\'' ( ~'\'' | '\'\'' )* '\'' ;
SAFE_DOT     : '?.' ;
DOT          : '.' ;
SAFE_BRACKET : '?[' ;
BRACKET      : '[' ;
END_BRACKET  : ']' ;
PAREN        : '(' ;
END_PAREN    : ')' ;
COMMA        : ',' ;
BLANK        : [ \t\r\n\u00A0]+ -> skip ;
UNKNOWN      : . ;
