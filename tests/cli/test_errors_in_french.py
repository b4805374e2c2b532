"""How commands stop when French is spoken: a whole French sentence, whatever raised the error."""

import json
import pickle
import re
import sqlite3
from pathlib import Path

import pytest
import story

from cli.language.saying import in_words
from cli.language.wording import speak
from ledger import errors
from ledger.messages import Words, words_of
from ledger.proof.verifier import DoesNotHold
from ledger.storage.sqlite.errors import translated


@pytest.fixture
def french():
    """French is spoken until the test ends."""
    speak("fr")
    yield
    speak("en")


@pytest.fixture
def ledger(cpod):
    """A ledger with a story, in the directory of the test."""
    story.ledger(cpod)


USAGE = [
    (
        ["packages", "--as-of", "2025-02-30"],
        "--as-of 2025-02-30\u202f: le jour 2025-02-30 n'existe pas",
    ),
    (
        ["packages", "--as-of", "March"],
        "--as-of March\u202f: une date s'écrit AAAA-MM-JJ\u202f: 2025-03-31",
    ),
    (
        ["packages", "--known-at", "99"],
        "la position 99 n'est pas encore enregistrée\u202f: la dernière est 9",
    ),
    (
        ["summary", "--from", "2025-13-01"],
        "--from 2025-13-01\u202f: le jour 2025-13-01 n'existe pas",
    ),
    (
        ["cases", "--sort", "colour"],
        "il n'y a pas de colonne colour pour le tri\u202f: ",
    ),
    (
        ["packages", "--ledger", "foo"],
        "un registre se désigne par une URL (sqlite:///CHEMIN, sqlite:////CHEMIN/ABSOLU, "
        "postgresql://UTILISATEUR@HOTE/BASE?schema=NOM ou memory:NOM), et non par 'foo'\u202f: "
        "pour un fichier, écrivez sqlite:///foo",
    ),
    (["ingest", "none.jsonl"], "none.jsonl n'existe pas\u202f: vérifiez le chemin"),
    (
        ["verify", "events.jsonl", "--key", "a+b+c"],
        "--key a+b+c\u202f: une clé de vérification a la forme nom+empreinte+base64",
    ),
]


@pytest.mark.parametrize("words,line", USAGE)
def test_wrong_usage_is_said_in_french_down_to_the_detail(cpod, ledger, words, line):
    """What the domain says of a date stands in French within the sentence of the option."""
    Path("events.jsonl").write_text("{}\n", "utf-8")
    ran = cpod(*words, "--lang", "fr")
    assert (ran.exit, ran.out) == (2, "")
    assert ran.err.startswith(f"cpod: {line}")
    assert ran.err.count("\n") == 1


def test_what_is_not_there_is_said_in_french(cpod, ledger):
    missing = cpod("packages", "--package", "X", "--lang", "fr")
    assert (missing.exit, missing.err) == (4, "cpod: il n'y a pas de package X\n")
    nowhere = cpod("packages", "--ledger", "sqlite:///other.db", "--lang", "fr")
    assert (nowhere.exit, nowhere.err) == (
        4,
        "cpod: il n'y a pas de registre à other.db\u202f: créez-en un avec "
        "«\u202fcpod init\u202f»\n",
    )
    nobody = cpod("erase", "zoe", "--reason", "r", "--confirm", "zoe", "--lang", "fr")
    assert (nobody.exit, nobody.err) == (
        4,
        "cpod: aucun événement ne nomme zoe comme personne\u202f: donnez l'identifiant tel que les "
        "événements le portent\n",
    )


def test_what_a_viewer_may_not_do_is_said_in_french(cpod, ledger):
    ran = cpod("packages", "--as", "nobody", "--lang", "fr")
    assert (ran.exit, ran.err) == (
        3,
        "cpod: nobody n'a accès à aucun espace de travail\u202f: demandez un rôle à un "
        "administrateur\n",
    )


def test_what_is_no_ledger_or_damaged_is_said_in_french(cpod, ledger):
    Path("text.db").write_text("no database at all, but long enough to be read as one\n" * 9)
    ran = cpod("packages", "--ledger", "sqlite:///text.db", "--lang", "fr")
    assert (ran.exit, ran.err) == (
        5,
        "cpod: text.db n'est pas un registre\u202f: indiquez un autre fichier, ou aucun pour en "
        "créer un\n",
    )
    connection = sqlite3.connect("cpod.db")
    connection.execute("DROP TABLE counter")
    connection.commit()
    connection.close()
    damaged = cpod("packages", "--lang", "fr")
    assert damaged.exit == 6
    assert "cpod.db est endommagé (la table counter manque)\u202f: restaurez-le" in damaged.err


def test_damaged_books_are_said_in_french(french):
    """They take no text: it stands with them."""
    assert in_words(errors.BooksDamaged()) == (
        "les livres à côté du registre sont endommagés\u202f: «\u202fcpod rebuild\u202f» les refait"
    )


def test_a_proof_that_does_not_hold_says_in_french_what_the_verifier_said(cpod, ledger):
    """The verifier knows no language: its reason is translated all the same."""
    key = cpod("key", "new", "--output", "seal.key", "--name", "log.example").out.strip()
    cpod("key", "new", "--output", "other.key", "--name", "log.example")
    cpod("seal", "--key", "other.key", "--output", "a.checkpoint")
    ran = cpod("verify", "a.checkpoint", "--key", key, "--lang", "fr")
    assert (ran.exit, ran.err) == (6, "cpod: aucune des clés données ne l'a signé\n")


def test_a_profile_that_cannot_be_read_is_said_in_french(cpod):
    Path("p.toml").write_text('[columns]\na = "A"\n[colour]\n', "utf-8")
    Path("t.csv").write_text("A\n1\n", "utf-8")
    ran = cpod("convert", "--profile", "p.toml", "t.csv", "--lang", "fr")
    assert ran.exit == 2
    assert re.match(r"cpod: p\.toml\u202f: \w+\u202f: .*cette clé est obligatoire", ran.err)
    assert "(et " in ran.err


def test_what_a_database_says_stays_as_it_is_within_the_sentence(french):
    """Its words are its own: they stand in parentheses, and what to do is in French."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    ours = translated(error, "cpod.db")
    assert in_words(ours) == (
        "cpod.db\u202f: le disque ne répond pas (disk I/O error)\u202f: vérifiez-le, puis réessayez"
    )
    assert str(ours) == "cpod.db: the disk does not answer (disk I/O error): check it, try again"


def test_with_a_json_format_errors_stay_english(cpod, ledger):
    """Programs read them: code and message are the same in every language."""
    told = [
        json.loads(cpod("packages", "--package", "X", "--format", "json", "--lang", language).err)
        for language in ("en", "fr")
    ]
    assert told[0] == told[1]
    assert told[0]["error"]["message"] == "there is no package X"


def test_a_name_from_outside_is_never_translated(french):
    """A package may bear the name of a text of ours."""
    assert in_words(errors.NotFound("there is no package {name}", name="Credits")) == (
        "il n'y a pas de package Credits"
    )
    assert in_words(errors.UsageError("{place}: {wrong}", place="yes", wrong="no")) == (
        "yes\u202f: no"
    )


def test_words_within_words_and_errors_are_translated(french):
    """However deep what to do is said, it is said in one language."""
    inner = ValueError(Words("there is no such day as {value}", value="2025-02-30"))
    outer = errors.UsageError("--as-of {text}: {wrong}", text="x", wrong=inner)
    assert in_words(outer) == "--as-of x\u202f: le jour 2025-02-30 n'existe pas"
    assert in_words(errors.ProofFailed(DoesNotHold("a hash does not have 32 bytes"))) == (
        "une empreinte n'a pas 32 octets"
    )
    assert in_words(ValueError("the list has no end")) == "la liste n'a pas de fin"


def test_numbers_in_a_sentence_are_written_as_the_language_does(french):
    """Thousands stand apart by a narrow blank, not by a comma, which is for decimals."""
    said = Words("the row has more than {limit:,} characters", limit=1_000_000)
    assert said == "the row has more than 1,000,000 characters"
    assert in_words(said) == "la ligne a plus de 1\u202f000\u202f000 caractères"


def test_words_are_the_english_text_and_outlive_a_pipe():
    """They are sent between processes, and nobody who reads a text has to know of them."""
    said = Words("there is no package {name}", name="P")
    again = pickle.loads(pickle.dumps(said))
    assert again == "there is no package P"
    assert (again.text, again.values) == (said.text, {"name": "P"})
    error = pickle.loads(pickle.dumps(errors.NotFound("there is no package {name}", name="P")))
    assert str(error) == "there is no package P"
    assert words_of(error).text == said.text
    books = pickle.loads(pickle.dumps(errors.BooksDamaged()))
    assert (books.code, str(books)) == ("books-damaged", str(errors.BooksDamaged()))
    assert words_of(books).text == words_of(errors.BooksDamaged()).text
    broken = pickle.loads(pickle.dumps(DoesNotHold("they are of {old}, {new}", old=1, new=2)))
    assert str(broken) == "they are of 1, 2"


def test_who_was_erased_is_said_in_the_language_of_people_and_never_of_programs(cpod, ledger):
    """A table says it in French; JSON and CSV hold the same text in every language."""
    started = story.event("course.started", "2025-02-01", workspace="W", learner="ada", item="I")
    cpod("ingest", story.write("more.jsonl", started))
    assert cpod("erase", "ada", "--reason", "request 7", "--confirm", "ada").exit == 0
    assert "(effacé)" in cpod("education", "--lang", "fr", "--format", "table").out
    assert "(erased)" in cpod("education", "--lang", "en", "--format", "table").out
    for form in ("json", "csv", "ndjson"):
        out = cpod("education", "--lang", "fr", "--format", form).out
        assert "(erased)" in out
        assert "effacé" not in out
