"""Published measurement methods, exactly named. See `docs/methods/` for a card each."""

from rongtong.engines.measurement.ahp import RANDOM_INDEX, Ahp, AhpHierarchy, ahp, ahp_hierarchy
from rongtong.engines.measurement.combine import Combined, combine_weights
from rongtong.engines.measurement.coupling import Coupling, coupling
from rongtong.engines.measurement.critic import Weights, critic_weights, equal_weights, std_weights
from rongtong.engines.measurement.entropy import EntropyWeights, entropy_weights
from rongtong.engines.measurement.errors import Inconsistent, InvalidInput, MeasurementError, NotConverged, Undefined
from rongtong.engines.measurement.grading import BANDS, FOUR_BANDS, TEN_BANDS, grade, lag
from rongtong.engines.measurement.normalise import Normalised, band_scores, normalise
from rongtong.engines.measurement.obstacle import Obstacles, obstacle_degrees
from rongtong.engines.measurement.robustness import Robustness, d_intervals, robustness
from rongtong.engines.measurement.subsystem import SubsystemScores, subsystem_scores
from rongtong.engines.measurement.topsis import Topsis, topsis

__all__ = [
    "BANDS",
    "FOUR_BANDS",
    "RANDOM_INDEX",
    "TEN_BANDS",
    "Ahp",
    "AhpHierarchy",
    "Combined",
    "Coupling",
    "EntropyWeights",
    "Inconsistent",
    "InvalidInput",
    "MeasurementError",
    "Normalised",
    "NotConverged",
    "Obstacles",
    "Robustness",
    "SubsystemScores",
    "Topsis",
    "Undefined",
    "Weights",
    "ahp",
    "ahp_hierarchy",
    "band_scores",
    "combine_weights",
    "coupling",
    "critic_weights",
    "d_intervals",
    "entropy_weights",
    "equal_weights",
    "grade",
    "lag",
    "normalise",
    "obstacle_degrees",
    "robustness",
    "std_weights",
    "subsystem_scores",
    "topsis",
]
