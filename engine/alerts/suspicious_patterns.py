r"""What suspicious texts look like, as expressions of RE2.

How it was decided what is a finding and what is not:

* *Instructions* are orders to a reviewer or a model, what passes for a part in a chat (``system:``
  at the start of a text or a sentence, tags of roles), and verdicts put into a reviewer's mouth.
  English, with the plainest order in some other languages. A word alone (``system``, ``ignore``,
  ``safe``) is none: an order has its object.
* *Hidden* are zero-width and other unseen characters and those that turn the order of reading.
  Joiners between letters of scripts that need them, in emoji, and direction marks in a text with
  right-to-left letters belong there.
* *Mixed* is a word that reads as one alphabet and has letters of another that look alike. A word
  of letters that do not (``µm``, ``SMSом``) is none.
* *Markup*: tags, code, formulas, and full links. The bare address of a shop, with ``https://`` or
  without, is an ordinary text and no finding.
* *Encoded*: longer than the references of banks (35), hashes (64), and addresses of wallets.
"""

from __future__ import annotations

import re

#: Texts of ASCII letters and digits alone are plain names, and there is nothing to look for.
NOT_PLAIN = r"[^0-9A-Za-z]|[0-9A-Za-z]{48}"

# --- instructions ---------------------------------------------------------------------------

_REVIEWER = (
    r"(?:an? )?(?:[^ ]+ ){0,2}?(?:ai|llm|(?:language )?model|chat ?bot|bot|assistant|"
    r"(?:automated |automatic )?reviewers?|investigator|analyst|auditor|compliance|classifier)"
)
_HARMLESS = (
    r"(?:safe|cleared|clean|legit|legitimate|benign|innocent|genuine|harmless|trusted|approved|"
    r"compliant|whitelisted|verified|resolved|low risk|no risk|false positive|"
    r"(?:not|non|un) ?(?:suspicious|fraud|fraudulent|reportable))"
)
#: In small letters, with one space between words; ``<n>`` stands for up to n words.
_ORDERS = (
    r"(?:ignore|disregard|forget|override|overrule|bypass|neglect|do not (?:follow|obey)) <4>"
    r"(?:instructions?|prompts?|rules|guidelines|directives?|polic(?:y|ies)|commands|guardrails)",
    r"(?:ignore|disregard|forget) (?:all|everything|anything|whatever) <3>"
    r"(?:above|before|previous|previously|prior|earlier|told|said)",
    r"(?:mark|flag|classify|label|treat|rate|consider|report|close|clear|regard|set) <5>as <2>"
    + _HARMLESS,
    r"(?:mark|classify|label|rate|consider) (?:this|these|it|them|all|every|the) <3>" + _HARMLESS,
    r"(?:set|lower|reduce|change) <2>(?:risk|score|priority|probability|severity) <3>"
    r"(?:zero|0|low|lowest|none|minimum|safe)",
    r"(?:do not|don t|dont|never|must not|should not) <1>"
    r"(?:report|flag|escalate|alert|investigate|suspect)",
    r"(?:do not|don t|dont|never) file <3>(?:sars?|strs?|reports?)",
    r"no (?:sars?|strs?|escalation|investigation|suspicion|alert) <2>(?:required|needed|necessary)",
    r"(?:this|the|these|all) (?:transactions?|payments?|transfers?|accounts?|alerts?|activity) "
    r"(?:is|are|was|were|has been|have been) <2>"
    r"(?:legit|legitimate|benign|innocent|harmless|false positives?|whitelisted|"
    r"not (?:suspicious|fraud|fraudulent|reportable))",
    r"you are (?:now )?" + _REVIEWER,
    r"(?:as|act as|acting as|pretend to be|behave as) (?:an ai|a language model|a large language|"
    r"an llm|an? assistant|an? reviewer|if you)",
    r"(?:dear|hello|hi|hey|attn|attention|note to|notice to|message to) (?:the |all |any )?"
    r"(?:llm|(?:language|ai) model|chat ?bot|chatgpt|ai system|"
    r"(?:ai|automated|automatic) (?:assistant|reviewers?|analyst))",
    r"(?:system|developer|hidden|secret|initial) prompt",
    r"(?:reveal|print|repeat|show|output) <2>your <2>(?:prompt|instructions)",
    r"(?:reply|respond|answer|output) only",
    r"developer mode|prompt injection|end of (?:prompt|instructions)",
    r"(?:begin|start|new) (?:system|assistant|user) (?:message|turn|prompt)",
)
#: The plain order in other languages: German, Spanish, Italian, Portuguese, French.
_ORDERS_ELSEWHERE = (
    r"(?:ignorier[^ ]*|missacht[^ ]*|vergiss|vergessen) <4>(?:anweisung[^ ]*|regeln)",
    r"(?:ignor[^ ]*|olvid[^ ]*|oubli[^ ]*|esque[^ ]*) <4>"
    r"(?:instruc[^ ]*|istruzioni|consignes|reglas|regole|règles|regras|indicaciones)",
    r"(?:nicht|no|non|não|ne pas) (?:melden|reportar|segnalare|signaler|denunciar)",
)
#: Chinese and Hindi, which put no spaces or another order: ignore the instructions before.
_ORDERS_UNSPACED = r"忽略.{0,8}(?:指令|指示|提示|说明|规则)|निर्देश\pM*.{0,20}(?:अनदेखा|नज़रअंदाज़)"
#: Who speaks in a chat, where a text, a line, or a sentence begins.
_ROLES = (
    r"(?:^|[\n\r.!?;|#*<>\[\]{}\"'`]\s{0,3}|[-=]{2,}\s{0,3})"
    r"(?:system|assistant|human|(?:new|updated|important|additional|real) instructions?)\s{0,2}:"
)
_ROLE_TAGS = (
    r"<\|[a-z_]{2,20}\|>|\[/?inst\]|<</?sys>>|#{2,}\s{0,2}(?:system|instruction|assistant|response)|"
    r"</?\s{0,2}(?:system|assistant|user|human|instructions?|prompt|data|facts?|tools?|"
    r"tool_(?:use|call|result)|function_(?:call|result)s?|important|thinking)\s{0,2}/?>|"
    r"[\"']role[\"']\s{0,2}:"
)


def _order(written: str) -> str:
    return re.sub(r" <(\d)>", r" (?:[^ ]+ ){0,\1}", written)


#: Every order holds one of these; the others need no closer look.
HINTS = (
    r"ignor|disregard|forget|overr|bypass|neglect|obey|follow|mark|flag|classif|label|treat|rate|"
    r"consider|report|close|clear|regard|set|lower|reduce|change|risk|score|escalat|alert|"
    r"investigat|suspect|file|required|needed|necessary|legit|benign|innocen|harmless|false|"
    r"whitelist|suspicious|fraud|you|model|llm|assistant|review|chat|analyst|system|prompt|"
    r"instruc|only|developer|user|missacht|vergiss|vergess|olvid|oubli|esque|melden|segnal|"
    r"signal|denunc|忽略|निर्देश"
)
#: What stands between words; they are looked at with one space in its place, in small letters.
BETWEEN_WORDS = r"[^\pL\pN\pM]+"
ORDERS = (
    "(?:^| )(?:"
    + "|".join(map(_order, (*_ORDERS, *_ORDERS_ELSEWHERE)))
    + f")(?:$| )|{_ORDERS_UNSPACED}"
)
#: Looked for in small letters, too.
ROLES = f"{_ROLES}|{_ROLE_TAGS}"

# --- what is not seen -----------------------------------------------------------------------

#: Zero-width characters, soft hyphens, fillers, tags; joiners are judged by their neighbours.
_INVISIBLE = (
    r"\x{AD}\x{34F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180E}\x{200B}\x{2060}-\x{2064}"
    r"\x{206A}-\x{206F}\x{3164}\x{FEFF}\x{FFA0}\x{FFF9}-\x{FFFB}\x{E0000}-\x{E007F}"
    r"\x{E0100}-\x{E01EF}"
)
#: Embeddings, overrides, and isolates.
_TURNING = r"\x{202A}-\x{202E}\x{2066}-\x{2069}"
_CONTROLS = r"\x00-\x08\x0B\x0C\x0E-\x1F\x7F"
_JOINERS = r"\x{200C}\x{200D}"
#: Scripts that need no joiner.
_JOINLESS = r"[\p{Latin}\p{Greek}\p{Cyrillic}\pN]"
HIDDEN = (
    rf"[{_INVISIBLE}{_TURNING}{_CONTROLS}]|{_JOINLESS}[{_JOINERS}]+{_JOINLESS}|[{_JOINERS}]{{3}}"
)
DIRECTION_MARK = r"[\x{200E}\x{200F}\x{61C}]"
RIGHT_TO_LEFT = r"[\p{Arabic}\p{Hebrew}\p{Syriac}\p{Thaana}\p{Nko}\p{Adlam}]"
FLAG = r"\x{1F3F4}[\x{E0030}-\x{E0039}\x{E0061}-\x{E007A}]{3,6}\x{E007F}"
UNSEEN = rf"[{_INVISIBLE}{_TURNING}{_JOINERS}\x{{200E}}\x{{200F}}\x{{61C}}]"

# --- letters that look like others ----------------------------------------------------------

_LIKE_LATIN = "АВЕЅІЈКМНОРСТУХҮҺаеорсухіјѕԁһӏԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονϳιυϲ"
_LATIN_LIKE = "ABCEHIKMOPTXaceiopxy"


def _mixed(letters: str, others: str, count: int) -> str:
    """Match a word of ``letters``, so many together, beside ``others`` that look like such."""
    several = f"[{letters}]{{{count}}}"
    return (
        rf"(?:^|[^\pL\pM\pN])[{letters}{others}]*(?:{several}[{others}]|[{others}]{several})"
        rf"[{letters}{others}]*(?:$|[^\pL\pM\pN])"
    )


#: Only texts with such letters can be mixed.
OTHER_ALPHABETS = r"[\p{Cyrillic}\p{Greek}]"
#: Of a word that reads as Greek, two letters together: ``ΔT`` is a formula.
MIXED = (
    _mixed(r"\p{Latin}", _LIKE_LATIN, 1) + "|" + _mixed(r"\p{Cyrillic}\p{Greek}", _LATIN_LIKE, 2)
)

# --- markup, code, links --------------------------------------------------------------------

_MARKUP = (
    r"</?[a-z][a-z0-9]{0,15}(?:[\s/][^<>]{0,200})?>",
    r"<(?:script|img|iframe|svg|a|style|link|meta|object|embed|form)\b",
    r"<!--|<!\[cdata|<\?(?:php|xml)|<!doctype",
    r"!\[[^\]]{0,80}\]\(|\[[^\]]{1,80}\]\(\s{0,3}[a-z/#.]+[:/.]",
    r"```|\{\{.{1,80}\}\}|\{%.{1,80}%\}|\$\{.{1,80}\}|\$\([a-z].{1,80}\)",
    # A host alone is a shop's address; with a path, a user, or a port it leads somewhere.
    r"(?:https?|ftp|file)://[^\s/?#@:]*(?:[@:?#]|/[^\s/])",
    r"(?:javascript|vbscript):\s{0,2}\S|data:[a-z]{2,12}/[a-z]|file:///",
    r"^\s{0,3}[=@+-]\s{0,3}(?:cmd|hyperlink|importxml|importdata|importhtml|webservice|dde|exec|"
    r"call|concat|concatenate|image|indirect)\s{0,2}[(|]",
    r"(?:'|;)\s{0,5}(?:drop|delete|insert|update|union|select)\s{1,5}(?:table|from|into|all|\*)",
    r"'\s{0,3}or\s{1,3}'?1'?\s{0,3}=\s{0,3}'?1",
    r"on(?:error|load|click|mouseover)\s{0,2}=",
)
MARKUP = "(?is)" + "|".join(_MARKUP)
#: All of these have a sign of these.
SIGNS = r"[<\[`{$=@+:;'-]"

# --- long encoded text ----------------------------------------------------------------------

#: Base64 changes its case all the time; both are asked of a text.
CODED = r"[0-9A-Za-z+/_-]{48}"
CHANGING_CASE = r"(?:[A-Z][A-Z0-9+/_-]*[a-z][a-z0-9+/_-]*){5}"
ENCODED = (
    r"(?i)[0-9a-z+/]{100}|(?:[0-9a-f]{2}[ :]){24}|(?:\\x[0-9a-f]{2}){4}|(?:\\u[0-9a-f]{4}){4}|"
    r"(?:%[0-9a-f]{2}){6}|(?:&#x?[0-9a-f]{1,6};){3}"
)
