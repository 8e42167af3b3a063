"""Static files under hashed names, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites ``import`` in JavaScript modules, which Django leaves out by default."""

    support_js_module_import_aggregation = True
