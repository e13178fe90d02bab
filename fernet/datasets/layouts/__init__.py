"""The layouts that a dataset can have on disk, one per file."""

from fernet.datasets.layouts import ck48, ck_plus, class_folders, csv_list, mmi, oulu_casia

# In the order in which they are tried on a path: "folder" matches every folder, so it is the last layout of folders.
LAYOUTS = {
    layout.name: layout
    for layout in (
        ck_plus.LAYOUT,
        oulu_casia.LAYOUT,
        mmi.LAYOUT,
        ck48.LAYOUT,
        class_folders.LAYOUT,
        csv_list.LAYOUT,
    )
}
WRITABLE = tuple(name for name, layout in LAYOUTS.items() if layout.write_clip is not None)
