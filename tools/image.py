"""OCI images that hold just some files. Every byte follows from what is put in, so that two builds of one release have one
digest.

That of the plugin is in the layout that Istio and Envoy Gateway load, the "compat" variant of
<https://github.com/solo-io/wasm/blob/master/spec/spec-compat.md>: an ordinary image whose last layer is a gzipped tar with
`plugin.wasm` in it. That of the module is one image for each architecture, for a Kubernetes image volume or a `COPY --from`.
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


class Image:
    """An image for a machine, `architecture` being Go's name of it."""

    def __init__(self, files, architecture, created, annotations, variant=None):
        packed = tar(files)
        # `mtime=0`: otherwise gzip records the time.
        layer = Blob(LAYER, gzip.compress(packed, mtime=0))
        config = {
            "created": created,
            "architecture": architecture,
            "os": "linux",
            "config": {"Labels": annotations},
            "rootfs": {"type": "layers", "diff_ids": [Blob(LAYER, packed).digest]},
            "history": [{"created": created, "created_by": f"COPY {' '.join(files)} ./"}],
        }
        config = Blob(CONFIG, to_json(config))
        fields = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config.descriptor, "layers": [layer.descriptor]}
        self.manifest = Blob(MANIFEST, to_json({**fields, "annotations": {**(variant or {}), **annotations}}))
        self.blobs = [layer, config, self.manifest]
        self.platform = {"architecture": architecture, "os": "linux"}


def write_plugin(path, files, created, annotations):
    """Writes an archive that `skopeo`, `oras` and `docker load` read; returns the manifest's digest."""
    # What `docker build` would write. The plugin runs on every machine, and neither platform looks at this.
    image = Image(files, "amd64", created, annotations, VARIANT)
    path.write_bytes(tar(layout(image.blobs, image.manifest, annotations)))
    return image.manifest.digest


def write_for_machines(path, files, created, annotations):
    """`files` has those of each architecture. Writes an archive with an index of images; returns the index's digest."""
    images = [Image(own, architecture, created, annotations) for architecture, own in files.items()]
    manifests = [{**image.manifest.descriptor, "platform": image.platform} for image in images]
    fields = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": annotations}
    index = Blob(INDEX, to_json(fields))
    blobs = [blob for image in images for blob in image.blobs]
    path.write_bytes(tar(layout([*blobs, index], index, annotations)))
    return index.digest


def layout(blobs, whole, annotations):
    """The files of <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>."""
    name = {"org.opencontainers.image.ref.name": annotations["org.opencontainers.image.version"]}
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{**whole.descriptor, "annotations": name}]}
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
