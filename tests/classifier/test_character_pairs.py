"""Our quick look-up of character pairs gives what scikit-learn's own gives."""

import pickle

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.character_pairs import CharacterPairs

LEARNED = ["路灯不亮 不亮", "路灯坏了", "𠮷祥路 停水了", "水 水水水", "a 0路灯"]
READ = ["", "路灯", "灯路 路灯路灯", "\ud800没见过", "", "𠮷祥水", "了", "a 0", "了水", ""]


def test_texts_are_read_as_scikit_learn_reads_them() -> None:
    for min_df in (1, 2):
        ours = CharacterPairs(min_df).fit(LEARNED)
        wanted = TfidfVectorizer.transform(ours, READ)
        for pairs in (ours, pickle.loads(pickle.dumps(ours))):
            found = pairs.transform(READ)
            assert found.dtype == wanted.dtype == np.float32
            assert np.abs(found - wanted).max() < 1e-6
    assert ours.transform([]).shape == (0, len(ours.vocabulary_))
