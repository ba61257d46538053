"""Words that programming languages reserve: a generated client cannot give a function such a name."""

from __future__ import annotations

import keyword
from typing import Final

RESERVED: Final[dict[str, frozenset[str]]] = {
    "Python": frozenset((*keyword.kwlist, *keyword.softkwlist)),
    **{
        language: frozenset(words.split())
        for language, words in {
            "JavaScript and TypeScript": """
                any arguments as async await boolean break case catch class const continue debugger declare default
                delete do else enum eval export extends false finally for function get if implements import in
                instanceof interface let module namespace new null number object of package private protected public
                return set static string super switch symbol this throw true try type typeof undefined unknown var
                void while with yield""",
            "Java": """
                abstract assert boolean break byte case catch char class const continue default do double else enum
                extends final finally float for goto if implements import instanceof int interface long native new
                package permits private protected public record return sealed short static strictfp super switch
                synchronized this throw throws transient try var void volatile while yield false null true""",
            "Go": """
                break case chan const continue default defer else fallthrough for func go goto if import interface map
                package range return select struct switch type var""",
            "C#": """
                abstract as base bool break byte case catch char checked class const continue decimal default delegate
                do double else enum event explicit extern false finally fixed float for foreach goto if implicit in
                int interface internal is lock long namespace new null object operator out override params private
                protected public readonly ref return sbyte sealed short sizeof stackalloc static string struct switch
                this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while""",
            "Rust": """
                abstract as async await become box break const continue crate do dyn else enum extern false final fn
                for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct
                super trait true try type typeof unsafe unsized use virtual where while yield""",
            "PHP": """
                abstract and array as bool break callable case catch class clone const continue declare default die do
                echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile enum eval exit extends
                false final finally float fn for foreach function global goto if implements include instanceof
                insteadof int interface isset iterable list match mixed namespace never new null object or parent
                print private protected public readonly require return self static string switch throw trait true try
                unset use var void while xor yield""",
            "Ruby": """
                alias and begin break case class def defined do else elsif end ensure false for if in module next nil
                not or redo rescue retry return self super then true undef unless until when while yield""",
            "Swift": """
                actor any as associatedtype async await break case catch class continue default defer deinit do else
                enum extension fallthrough false fileprivate for func guard if import in init inout internal is let
                nil open operator precedencegroup private protocol public repeat rethrows return self some static
                struct subscript super switch throw throws true try typealias var where while""",
            "Kotlin": """
                as break class continue do else false for fun if in interface is null object package return super this
                throw true try typealias typeof val var when while""",
        }.items()
    },
}
"""Reserved words by language."""
