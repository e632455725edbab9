// The expression language of Data Factory pipelines: calls, literals, property access. No operators.
parser grammar ExpressionParser;
options { tokenVocab = ExpressionLexer; }

interpolation : part* EOF ;
part          : TEXT                          # text
              | ESCAPED_OPEN                  # escapedOpen
              | OPEN expression CLOSE         # embedded
              ;

whole         : expression EOF ;

expression    : STRING                                                        # string
              | NUMBER                                                        # number
              | ( TRUE | FALSE )                                              # boolean
              | NULL                                                          # nullValue
              | IDENTIFIER PAREN ( expression ( COMMA expression )* )? END_PAREN # call
              | expression ( DOT | SAFE_DOT ) name                            # property
              | expression ( BRACKET | SAFE_BRACKET ) expression END_BRACKET  # index
              ;

name          : IDENTIFIER | TRUE | FALSE | NULL ;
