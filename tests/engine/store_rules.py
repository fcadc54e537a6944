"""What every store of profiles must do, whatever keeps them; stores' tests inherit these."""

from __future__ import annotations

from engine.realtime.store import Answered, Change, Pointer, ProfileStore


class StoreRules:
    """The contract of ``ProfileStore``; a test class gives the fixture ``store``."""

    def test_an_account_that_was_never_written_has_no_profile(self, store: ProfileStore) -> None:
        assert store.read(["A"]).profiles == {}

    def test_a_commit_is_read_back_with_a_version_of_its_own(self, store: ProfileStore) -> None:
        assert store.commit({"A": Change(b"1"), "B": Change(b"2")})
        first = store.read(["A", "B", "C"]).profiles
        assert {account: stored.body for account, stored in first.items()} == {"A": b"1", "B": b"2"}
        assert store.commit({"A": Change(b"3", first["A"].version)})
        second = store.read(["A"]).profiles["A"]
        assert second.body == b"3"
        assert second.version != first["A"].version

    def test_of_two_writers_that_saw_the_same_one_wins(self, store: ProfileStore) -> None:
        store.commit({"A": Change(b"1")})
        seen = store.read(["A"]).profiles["A"].version
        assert store.commit({"A": Change(b"mine", seen)})
        assert not store.commit({"A": Change(b"yours", seen), "B": Change(b"new")})
        left = store.read(["A", "B"]).profiles
        assert left["A"].body == b"mine"
        assert "B" not in left  # all or nothing

    def test_a_new_profile_replaces_none_that_is_there(self, store: ProfileStore) -> None:
        store.commit({"A": Change(b"1")})
        assert not store.commit({"A": Change(b"2", 0)})
        assert store.read(["A"]).profiles["A"].body == b"1"

    def test_an_account_that_pays_itself_is_one_change(self, store: ProfileStore) -> None:
        assert store.commit({"A": Change(b"1")}, Answered("t", b"{}", 2**40))
        assert store.read(["A", "A"]).profiles["A"].body == b"1"

    def test_a_request_is_answered_once_and_counted_once(self, store: ProfileStore) -> None:
        assert store.read(["A"], "t1", now=0).answer is None
        assert store.commit({"A": Change(b"1")}, Answered("t1", b"first", 2**40))
        seen = store.read(["A"], "t1", now=0)
        assert seen.answer == b"first"
        again = Answered("t1", b"second", 2**40)
        assert not store.commit({"A": Change(b"2", seen.profiles["A"].version)}, again)
        left = store.read(["A"], "t1", now=0)
        assert (left.answer, left.profiles["A"].body) == (b"first", b"1")

    def test_the_record_of_a_request_expires(self, store: ProfileStore) -> None:
        store.commit({}, Answered("t1", b"first", 1000))
        assert store.read([], "t1", now=999).answer == b"first"
        assert store.read([], "t1", now=1000).answer is None

    def test_a_claim_is_held_until_it_expires_or_is_given_back(self, store: ProfileStore) -> None:
        assert store.claim("sender", expires=100, now=0)
        assert not store.claim("sender", expires=150, now=50)
        assert store.claim("other", expires=100, now=50)
        assert store.claim("sender", expires=200, now=100)
        store.release("sender")
        assert store.claim("sender", expires=200, now=101)

    def test_names_of_accounts_requests_and_claims_do_not_meet(self, store: ProfileStore) -> None:
        store.commit({"pointer": Change(b"1")}, Answered("pointer", b"2", 2**40))
        assert store.claim("pointer", expires=100, now=0)
        assert store.pointer() is None
        assert store.read(["pointer"], "pointer").profiles["pointer"].body == b"1"

    def test_the_pointer_is_the_last_one_set(self, store: ProfileStore) -> None:
        assert store.pointer() is None
        for run_id in ("one", "two"):
            store.point(Pointer(run_id, f"runs/{run_id}/scorer.npz", "abc", "2026-01-01"))
        found = store.pointer()
        assert found is not None
        assert found.run_id == "two"

    def test_the_pointer_of_a_later_run_stays_unless_an_earlier_one_is_chosen(
        self, store: ProfileStore
    ) -> None:
        def pointer(run_id: str, second: int) -> Pointer:
            return Pointer(run_id, "key", "abc", f"2026-01-01T00:00:{second:02}+00:00")

        assert store.point(pointer("two", 2), only_later=True)
        assert not store.point(pointer("one", 1), only_later=True)
        assert not store.point(pointer("other", 2), only_later=True)
        assert store.pointer() == pointer("two", 2)
        assert store.point(pointer("three", 3), only_later=True)
        assert store.point(pointer("one", 1))
        assert store.pointer() == pointer("one", 1)

    def test_many_new_profiles_are_written_at_once(self, store: ProfileStore) -> None:
        names = [f"ü{i}" for i in range(230)]
        store.add((name, name.encode()) for name in names)
        found = store.read(names).profiles
        assert {name: stored.body for name, stored in found.items()} == {
            name: name.encode() for name in names
        }
        seen = found["ü7"].version
        assert store.commit({"ü7": Change(b"later", seen)})
