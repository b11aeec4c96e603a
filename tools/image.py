"""An OCI image with the plugin as its only file, in the layout that Istio and Envoy Gateway load.

That is the "compat" variant of <https://github.com/solo-io/wasm/blob/master/spec/spec-compat.md>: an ordinary image
whose last layer is a gzipped tar with `plugin.wasm` in it. Every byte follows from what is put in, so that two builds
of one release have one digest.
"""

import gzip
import hashlib
import io
import json
import tarfile

# <https://github.com/opencontainers/image-spec/blob/main/media-types.md>. Istio refuses a layer of any other type.
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
INDEX = "application/vnd.oci.image.index.v1+json"
VARIANT = {"module.wasm.image/variant": "compat"}


class Blob:
    """Some bytes, which everything else names by their digest."""

    def __init__(self, media_type, content):
        self.content = content
        self.hash = hashlib.sha256(content).hexdigest()
        self.digest = f"sha256:{self.hash}"
        self.descriptor = {"mediaType": media_type, "digest": self.digest, "size": len(content)}


def write(path, module, created, annotations):
    """Writes the image as an archive that `skopeo`, `oras` and `docker load` read; returns the manifest's digest."""
    files = tar({"plugin.wasm": module})
    # `mtime=0`: otherwise gzip records the time.
    layer = Blob(LAYER, gzip.compress(files, mtime=0))
    config = Blob(CONFIG, to_json(config_of(files, created, annotations)))
    fields = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config.descriptor, "layers": [layer.descriptor]}
    manifest = Blob(MANIFEST, to_json({**fields, "annotations": {**VARIANT, **annotations}}))
    path.write_bytes(tar(layout([layer, config, manifest], manifest, annotations)))
    return manifest.digest


def config_of(files, created, annotations):
    return {
        "created": created,
        # What `docker build` would write. The plugin runs on every machine, and neither platform looks at this.
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": annotations},
        "rootfs": {"type": "layers", "diff_ids": [Blob(LAYER, files).digest]},
        "history": [{"created": created, "created_by": "COPY plugin.wasm ./"}],
    }


def layout(blobs, manifest, annotations):
    """The files of <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>."""
    name = {"org.opencontainers.image.ref.name": annotations["org.opencontainers.image.version"]}
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{**manifest.descriptor, "annotations": name}]}
    return {
        "oci-layout": to_json({"imageLayoutVersion": "1.0.0"}),
        "index.json": to_json(index),
        **{f"blobs/sha256/{blob.hash}": blob.content for blob in blobs},
    }


def to_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def tar(files):
    """An archive of plain files of nobody in particular and of no date."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as writer:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            writer.addfile(entry, io.BytesIO(content))
    return archive.getvalue()
